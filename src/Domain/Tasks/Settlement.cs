using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Elasticity.Domain.Tasks;

/// <summary>How an agent ends a lease. Two settlements are equal when their content is.</summary>
public abstract record Settlement
{
    private Settlement() { }

    /// <summary>128 bits of a SHA-256 over the content: enough to know the same settlement again without keeping its
    /// result in memory. Not stored.</summary>
    /// <returns>The bits.</returns>
    public UInt128 Fingerprint() => this switch
    {
        Succeeded s => Hash("succeeded", s.Result),
        Failed s => Hash(
            $"failed {s.Failure.IsFinal} {s.Failure.Code.Length} {s.Failure.Code}{s.Failure.Message}", s.Result),
        GivenBack => Hash("given-back", Payload.None),
        _ => throw new UnreachableException($"Unknown settlement {GetType().Name}."),
    };

    /// <summary>What came out, whatever the outcome.</summary>
    /// <returns>The result; none when there is none.</returns>
    public Payload ResultOrNone() => this switch
    {
        Succeeded s => s.Result,
        Failed s => s.Result,
        _ => Payload.None,
    };

    /// <summary>What is too large to be recorded.</summary>
    /// <param name="limits">The limits in force.</param>
    /// <returns><c>limit-exceeded</c>, or null.</returns>
    public Rejection? Problem(Limits limits)
    {
        Payload result = ResultOrNone();
        return result.Length > limits.PayloadBytesMax
            ? new Rejection(
                RejectionCode.LimitExceeded,
                $"A result has at most {limits.PayloadBytesMax} bytes, not {result.Length}; pass a reference.")
            : null;
    }

    /// <summary>The same settlement with texts cut to their limits.</summary>
    /// <param name="limits">The limits in force.</param>
    /// <returns>A copy, or this.</returns>
    public Settlement Within(Limits limits) =>
        this is Failed { Failure: { } failure } failed
            && (failure.Message.Length > limits.FailureLengthMax || failure.Code.Length > Identifier.LengthMax)
            ? failed with
            {
                Failure = failure with
                {
                    Message = Identifier.Cut(failure.Message, limits.FailureLengthMax),
                    Code = Identifier.Cut(failure.Code, Identifier.LengthMax),
                },
            }
            : this;

    private static UInt128 Hash(string head, Payload result)
    {
        Span<byte> hashes = stackalloc byte[2 * SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(head), hashes);
        SHA256.HashData(result.Bytes.Span, hashes[SHA256.HashSizeInBytes..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(hashes, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>The task is done.</summary>
    /// <param name="Result">What came out; may be none.</param>
    public sealed record Succeeded(Payload Result) : Settlement;

    /// <summary>The handler failed: an attempt is counted.</summary>
    /// <param name="Failure">Why.</param>
    /// <param name="Result">What came out all the same, such as the output of a command; may be none.</param>
    public sealed record Failed(Failure Failure, Payload Result) : Settlement;

    /// <summary>The agent stops and gives the task back unfinished: free of charge.</summary>
    public sealed record GivenBack : Settlement;
}

/// <summary>Why an attempt failed.</summary>
/// <param name="Code">A stable word for programs, chosen by the handler: <c>exit-code</c>, <c>timeout</c>, an
/// exception's type.</param>
/// <param name="Message">For a human; cut at <see cref="Limits.FailureLengthMax"/>.</param>
/// <param name="IsFinal">Trying again is pointless: dead-letter at once.</param>
public sealed record Failure(string Code, string Message, bool IsFinal);
