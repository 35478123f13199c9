using System.Text.Json;
using System.Text.Json.Serialization;
using Elasticity.Api.Http;
using Microsoft.Extensions.Logging;

namespace Elasticity.Api;

/// <summary>
/// Keys in a file, <c>{"keys":[{"name":"ci","sha256":"…","roles":["submit"]}]}</c>, read again within a second after it
/// changed, so that a key can be withdrawn without a restart.
/// </summary>
public sealed class ApiKeyFile : IApiKeys
{
    /// <summary>The usual name, in the data directory.</summary>
    public const string FileName = "api-keys.json";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private volatile ApiKeys _keys;
    private volatile bool _isOpen;
    private DateTime _written;
    private long _lookedAt;

    private ApiKeyFile(string path, ApiKeys keys, DateTime written, TimeProvider time, ILogger logger)
    {
        _path = path;
        _keys = keys;
        _isOpen = keys.Count == 0;
        _written = written;
        _time = time;
        _logger = logger;
        _lookedAt = time.GetTimestamp();
    }

    /// <summary>Reads a file and minds it from now on.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of changes, and of a file that cannot be read: then the keys before stay in
    /// force.</param>
    /// <returns>The keys; null when there is no file or no key in it.</returns>
    /// <exception cref="InvalidDataException">The file cannot be read as keys; the message says why.</exception>
    public static ApiKeyFile? Open(string path, TimeProvider time, ILogger logger) =>
        Follow(path, time, logger) is { _isOpen: false } keys ? keys : null;

    /// <summary>Reads a file and minds it from now on, also one that is not there yet: see
    /// <see cref="IsOpen"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">As for <see cref="Open"/>.</param>
    /// <returns>The keys.</returns>
    /// <exception cref="InvalidDataException">The file cannot be read as keys; the message says why.</exception>
    public static ApiKeyFile Follow(string path, TimeProvider time, ILogger logger)
    {
        DateTime written = File.GetLastWriteTimeUtc(path);
        return new ApiKeyFile(path, new ApiKeys(Read(path)), written, time, logger);
    }

    /// <summary>Reads the keys of a file.</summary>
    /// <param name="path">The file; one that does not exist has no keys.</param>
    /// <returns>The keys.</returns>
    /// <exception cref="InvalidDataException">The file cannot be read as keys; the message says why.</exception>
    public static IReadOnlyList<ApiKey> Read(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                return [];
            }

            KeyList list = JsonSerializer.Deserialize(File.ReadAllBytes(path), ApiKeyJson.Default.KeyList)
                ?? throw new JsonException("The file is null.");
            return new ApiKeys(list.Keys.Select(k => new ApiKey(
                k.Name,
                k.Sha256.ToLowerInvariant(),
                ApiKeys.ParseRoles(k.Roles)
                    ?? throw new JsonException($"The roles of '{k.Name}' are read, submit, work or admin.")))).All;
        }
        catch (Exception exception) when (
            exception is JsonException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The API keys in {path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Writes the keys of a file, so that a reader sees the old or the new file, never half of one. On Unix
    /// only the owner may read it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="keys">All keys.</param>
    public static void Write(string path, IEnumerable<ApiKey> keys)
    {
        KeyList list = new()
        {
            Keys = [.. new ApiKeys(keys).All.Select(k =>
                new KeyEntry { Name = k.Name, Sha256 = k.Sha256, Roles = ApiKeys.WordsOf(k.Roles) })],
        };
        string temporary = $"{path}.{Environment.ProcessId}.new";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (FileStream file = new(temporary, options))
        {
            JsonSerializer.Serialize(file, list, ApiKeyJson.Default.KeyList);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <inheritdoc/>
    public bool IsOpen
    {
        get
        {
            if (_isOpen)
            {
                Look();
            }

            return _isOpen;
        }
    }

    /// <inheritdoc/>
    public ApiKey? Find(string secret)
    {
        Look();
        return _keys.Find(secret);
    }

    private void Look()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _lookedAt)) < LookEvery)
        {
            return; // Most requests: without a lock.
        }

        lock (_lock)
        {
            if (_time.GetElapsedTime(_lookedAt) >= LookEvery)
            {
                Volatile.Write(ref _lookedAt, _time.GetTimestamp());
                ReadAgain();
            }
        }
    }

    private void ReadAgain()
    {
        try
        {
            DateTime written = File.GetLastWriteTimeUtc(_path);
            if (written != _written)
            {
                // A file without keys, or none, lets nobody in. It does not open the server to everybody.
                _keys = new ApiKeys(Read(_path));
                _isOpen &= _keys.Count == 0;
                _written = written;
                EdgeLog.KeysRead(_logger, _keys.Count);
            }
        }
        catch (InvalidDataException exception)
        {
            EdgeLog.KeysUnreadable(_logger, exception.Message);
        }
    }
}

/// <summary>The file.</summary>
internal sealed record KeyList
{
    public required IReadOnlyList<KeyEntry> Keys { get; init; }
}

/// <summary>One key in the file.</summary>
internal sealed record KeyEntry
{
    public required string Name { get; init; }

    public required string Sha256 { get; init; }

    public required IReadOnlyList<string> Roles { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    WriteIndented = true)]
[JsonSerializable(typeof(KeyList))]
internal sealed partial class ApiKeyJson : JsonSerializerContext;
