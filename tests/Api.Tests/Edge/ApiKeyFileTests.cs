using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Elasticity.Api.Tests.Edge;

/// <summary>Keys in a file.</summary>
public sealed class ApiKeyFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("elasticity-keys");
    private readonly ManualTime _time = new();

    private string FileName => Path.Combine(_directory.FullName, ApiKeyFile.FileName);

    [Fact]
    public void A_key_is_stored_as_its_hash()
    {
        (string secret, ApiKey key) = ApiKeys.Create("ci", ApiRoles.Submit | ApiRoles.Read);
        ApiKeyFile.Write(FileName, [key]);

        Assert.StartsWith("elk_", secret);
        Assert.Equal(47, secret.Length);
        Assert.DoesNotContain(secret, File.ReadAllText(FileName));
        Assert.Equal([key], ApiKeyFile.Read(FileName));
        Assert.Equal(key, Open()!.Find(secret));
        Assert.Null(Open()!.Find(secret + "x"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FileName));
        }
    }

    [Fact]
    public void The_form_of_the_file_stays()
    {
        ApiKeyFile.Write(FileName, [new ApiKey("ci", new string('a', 64), ApiRoles.Submit | ApiRoles.Work)]);

        Assert.Equal(
            $$"""
            {
              "keys": [
                {
                  "name": "ci",
                  "sha256": "{{new string('a', 64)}}",
                  "roles": [
                    "submit",
                    "work"
                  ]
                }
              ]
            }
            """,
            File.ReadAllText(FileName).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void No_file_means_no_keys()
    {
        Assert.Empty(ApiKeyFile.Read(FileName));
        Assert.Null(Open());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"keys":[{"name":"a","sha256":"00","roles":["read"]}]}""")]
    [InlineData("""{"keys":[{"name":"a b","sha256":"HASH","roles":["read"]}]}""")]
    [InlineData("""{"keys":[{"name":"a","sha256":"HASH","roles":["everything"]}]}""")]
    [InlineData("""{"keys":[{"name":"a","sha256":"HASH","roles":["read"],"expires":1}]}""")]
    [InlineData("""
        {"keys":[{"name":"a","sha256":"HASH","roles":["read"]},{"name":"b","sha256":"HASH","roles":["read"]}]}
        """)]
    public void A_file_that_makes_no_sense_is_refused(string text)
    {
        File.WriteAllText(FileName, text.Replace("HASH", new string('a', 64)));

        Assert.Throws<InvalidDataException>(() => Open());
    }

    [Fact]
    public void A_key_can_be_withdrawn_while_the_server_runs()
    {
        (string secret, ApiKey key) = ApiKeys.Create("ci", ApiRoles.Read);
        ApiKeyFile.Write(FileName, [key]);
        ApiKeyFile keys = Open()!;

        ApiKeyFile.Write(FileName, []);
        File.SetLastWriteTimeUtc(FileName, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        _time.Now += TimeSpan.FromSeconds(0.5);
        Assert.NotNull(keys.Find(secret));
        _time.Now += TimeSpan.FromSeconds(0.6);
        Assert.Null(keys.Find(secret));
    }

    [Fact]
    public void The_first_key_closes_a_server_that_runs_and_nothing_opens_it_again()
    {
        (string secret, ApiKey key) = ApiKeys.Create("ci", ApiRoles.Read);
        ApiKeyFile keys = ApiKeyFile.Follow(FileName, _time, NullLogger.Instance);
        Assert.True(keys.IsOpen);

        ApiKeyFile.Write(FileName, [key]);
        Assert.True(keys.IsOpen);
        _time.Now += TimeSpan.FromSeconds(1.1);
        Assert.False(keys.IsOpen);
        Assert.Equal(key, keys.Find(secret));

        File.Delete(FileName);
        _time.Now += TimeSpan.FromSeconds(1.1);
        Assert.Null(keys.Find(secret));
        Assert.False(keys.IsOpen);
    }

    [Fact]
    public void A_file_that_was_spoilt_leaves_the_keys_in_force()
    {
        (string secret, ApiKey key) = ApiKeys.Create("ci", ApiRoles.Read);
        ApiKeyFile.Write(FileName, [key]);
        ApiKeyFile keys = Open()!;

        File.WriteAllText(FileName, "{");
        File.SetLastWriteTimeUtc(FileName, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        _time.Now += TimeSpan.FromSeconds(2);

        Assert.NotNull(keys.Find(secret));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private ApiKeyFile? Open() => ApiKeyFile.Open(FileName, _time, NullLogger.Instance);

    private sealed class ManualTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
