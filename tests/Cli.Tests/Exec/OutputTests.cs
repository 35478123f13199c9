using System.Text;
using Elasticity.Cli.Exec;
using Elasticity.Domain;
using Xunit;

namespace Elasticity.Cli.Tests.Exec;

public class OutputTests
{
    [Fact]
    public void Short_output_is_kept_whole()
    {
        OutputTail tail = new(10);
        tail.Append("abc"u8);
        tail.Append("defghij"u8);

        (byte[] bytes, long dropped) = tail.Last(int.MaxValue);

        Assert.Equal("abcdefghij"u8, bytes);
        Assert.Equal(0, dropped);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1_000)]
    public void Of_long_output_the_end_is_kept_and_the_rest_counted(int pieceLength)
    {
        byte[] all = [.. Enumerable.Range(0, 1_000).Select(i => (byte)('a' + (i % 26)))];
        OutputTail tail = new(10);
        foreach (byte[] piece in all.Chunk(pieceLength))
        {
            tail.Append(piece);
        }

        (byte[] bytes, long dropped) = tail.Last(int.MaxValue);

        Assert.Equal(all[^10..], bytes);
        Assert.Equal(990, dropped);
    }

    [Fact]
    public void The_kept_end_does_not_begin_inside_of_a_character()
    {
        OutputTail tail = new(5);
        tail.Append("ääää"u8);

        (byte[] bytes, long dropped) = tail.Last(int.MaxValue);

        Assert.Equal("ää", Encoding.UTF8.GetString(bytes));
        Assert.Equal(4, dropped);
    }

    [Fact]
    public void A_result_that_escaping_would_make_too_large_is_cut_until_it_fits()
    {
        OutputTail output = new(64 * 1024);
        output.Append(Enumerable.Repeat((byte)1, 64 * 1024).ToArray()); // Six bytes each, as JSON.
        Payload payload = ExecResult.Write(0, TimeSpan.FromSeconds(1), output, new OutputTail(1));

        Assert.InRange(payload.Length, 1, Limits.Default.PayloadBytesMax);
        Assert.Equal(32 * 1024, ExecResult.Read(payload)!.OutputDropped);
    }

    [Fact]
    public void Output_that_is_no_text_is_kept_byte_for_byte()
    {
        OutputTail output = new(100);
        output.Append([0xff, 0x00, 0x0a]);

        ExecResult result = ExecResult.Read(ExecResult.Write(1, TimeSpan.Zero, output, new OutputTail(1)))!;

        Assert.Null(result.Output);
        Assert.Equal([0xff, 0x00, 0x0a], result.OutputBase64!);
    }
}
