using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Elasticity.Domain;

namespace Elasticity.Api;

/// <summary>The keys in force. Safe for concurrent use.</summary>
public interface IApiKeys
{
    /// <summary>Looks for the key that a request presents.</summary>
    /// <param name="secret">What came as <c>Authorization: Bearer</c>.</param>
    /// <returns>The key, or null. How long it takes does not tell how much of it was right.</returns>
    ApiKey? Find(string secret);

    /// <summary>Whether there has never been a key: then requests need none, and only those to <c>localhost</c> are
    /// answered. Once it is false it stays so, also when all keys are withdrawn. Default: false.</summary>
    bool IsOpen => false;
}

/// <summary>A key as it is stored: its hash, never itself.</summary>
/// <param name="Name">Who it was given to; unique, 1 to 128 of <c>[A-Za-z0-9._-]</c>.</param>
/// <param name="Sha256">The SHA-256 of its UTF-8 text, 64 lower-case hexadecimal digits.</param>
/// <param name="Roles">What it may do.</param>
public sealed record ApiKey(string Name, string Sha256, ApiRoles Roles)
{
    /// <summary>Whether it may do something.</summary>
    /// <param name="role">One role.</param>
    /// <returns>True when it may.</returns>
    public bool Has(ApiRoles role) => (Roles & (role | ApiRoles.Admin)) != 0;
}

/// <summary>A fixed list of keys.</summary>
public sealed class ApiKeys : IApiKeys
{
    /// <summary>The most keys that a server knows.</summary>
    public const int CountMax = 1_000;

    /// <summary>What every key begins with, so that secret scanners find one that was published.</summary>
    public const string Prefix = "elk_";

    private const int SecretBytes = 32;

    private readonly (ApiKey Key, byte[] Hash)[] _keys;

    /// <summary>Makes the list.</summary>
    /// <param name="keys">The keys; at most <see cref="CountMax"/>, names and hashes unique.</param>
    /// <exception cref="ArgumentException">A key is not what <see cref="ApiKey"/> says; the message says
    /// which.</exception>
    public ApiKeys(IEnumerable<ApiKey> keys)
    {
        _keys = [.. keys.Select(k => (k, HashOf(k)))];
        if (_keys.Length > CountMax)
        {
            throw new ArgumentException($"A server knows at most {CountMax} keys, not {_keys.Length}.", nameof(keys));
        }

        HashSet<string> seen = [];
        foreach ((ApiKey key, _) in _keys)
        {
            if (!Identifier.IsValid(key.Name) || !seen.Add(key.Name) || !seen.Add(key.Sha256))
            {
                throw new ArgumentException($"The key '{key.Name}' is there twice, or its name is none.", nameof(keys));
            }
        }
    }

    /// <summary>How many.</summary>
    public int Count => _keys.Length;

    /// <summary>The keys.</summary>
    public IReadOnlyList<ApiKey> All => [.. _keys.Select(k => k.Key)];

    /// <summary>Makes a new key: 256 random bits. The secret is shown once and not kept.</summary>
    /// <param name="name">Who it is for.</param>
    /// <param name="roles">What it may do.</param>
    /// <returns>What to give away, and what to store.</returns>
    public static (string Secret, ApiKey Key) Create(string name, ApiRoles roles)
    {
        string secret = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return (secret, new ApiKey(name, Sha256Of(secret), roles));
    }

    /// <summary>The hash that is stored. A fast one will do: a key is random, not a password.</summary>
    /// <param name="secret">The key.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public static string Sha256Of(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Reads words such as <c>read</c> and <c>work</c>.</summary>
    /// <param name="words">The words.</param>
    /// <returns>The roles; null when a word is none.</returns>
    public static ApiRoles? ParseRoles(IEnumerable<string> words)
    {
        ApiRoles roles = ApiRoles.None;
        foreach (string word in words)
        {
            ApiRoles role = word switch
            {
                "read" => ApiRoles.Read,
                "submit" => ApiRoles.Submit,
                "work" => ApiRoles.Work,
                "admin" => ApiRoles.Admin,
                _ => ApiRoles.None,
            };
            if (role == ApiRoles.None)
            {
                return null;
            }

            roles |= role;
        }

        return roles;
    }

    /// <summary>The words for roles.</summary>
    /// <param name="roles">The roles.</param>
    /// <returns>The words in the order of the enumeration.</returns>
    public static IReadOnlyList<string> WordsOf(ApiRoles roles) =>
        [.. Enum.GetValues<ApiRoles>()
            .Where(r => r != ApiRoles.None && roles.HasFlag(r))
            .Select(r => r.ToString().ToLowerInvariant())];

    /// <inheritdoc/>
    public ApiKey? Find(string secret)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(secret), hash);
        ApiKey? found = null;
        foreach ((ApiKey key, byte[] stored) in _keys) // All of them, so that the place in the list does not show.
        {
            if (CryptographicOperations.FixedTimeEquals(hash, stored))
            {
                found = key;
            }
        }

        return found;
    }

    private static byte[] HashOf(ApiKey key)
    {
        try
        {
            byte[] hash = Convert.FromHexString(key.Sha256);
            if (hash.Length == SHA256.HashSizeInBytes)
            {
                return hash;
            }
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw new ArgumentException($"The sha256 of the key '{key.Name}' is not 64 hexadecimal digits.", nameof(key));
    }
}
