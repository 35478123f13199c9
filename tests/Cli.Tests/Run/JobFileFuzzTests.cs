using System.Text;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Run;
using Elasticity.Cli.Tests.Reference;
using Xunit;

namespace Elasticity.Cli.Tests.Run;

/// <summary>Job files that nobody would write: a job comes out, or a sentence that says what is wrong. The same every
/// time: a failure can be repeated.</summary>
public class JobFileFuzzTests
{
    private const int Rounds = 3_000;

    private static readonly string[] Splinters =
    [
        "{", "}", "[", "]", "\"", ",", ":", "\\", "\\ud800", "\\u0000", "null", "1e999", "-0", "99999999999999999999",
        "true", "\"kind\":", "\"tasks\":[", "\"dependsOn\":[0]", "é", "\u2028", "\0",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task No_file_is_met_with_a_defect(int seed)
    {
        Random random = new(seed);
        byte[][] files = [.. JobFiles.Right.AsEnumerable<object[]>().Select(f => Encoding.UTF8.GetBytes((string)f[0]))];
        for (int i = 0; i < Rounds; i++)
        {
            byte[] file = Spoil(files[random.Next(files.Length)], random);
            try
            {
                using MemoryStream input = new(file);
                await JobFile.ReadAsync("-", input, CancellationToken.None);
            }
            catch (CliException e) when (e.Message.Length > 0)
            {
                // A sentence.
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(Encoding.Latin1.GetString(file), e);
            }
        }
    }

    private static byte[] Spoil(byte[] file, Random random)
    {
        List<byte> spoiled = [.. file];
        for (int n = random.Next(1, 5); n > 0; n--)
        {
            int place = random.Next(spoiled.Count + 1);
            switch (random.Next(4))
            {
                case 0:
                    spoiled.RemoveRange(place, Math.Min(random.Next(1, 10), spoiled.Count - place));
                    break;
                case 1:
                    spoiled.InsertRange(place, Encoding.UTF8.GetBytes(Splinters[random.Next(Splinters.Length)]));
                    break;
                case 2:
                    spoiled.Insert(place, (byte)random.Next(256));
                    break;
                default:
                    spoiled.InsertRange(place, spoiled[..random.Next(spoiled.Count + 1)]);
                    break;
            }
        }

        return [.. spoiled];
    }
}
