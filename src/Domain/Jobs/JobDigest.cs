using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Elasticity.Domain.Tasks;

namespace Elasticity.Domain.Jobs;

/// <summary>
/// What makes two submits the same job: SHA-256 over policy and tasks as given, before defaults, so that a later
/// release with other defaults still recognises the same job. Name and labels do not count.
/// </summary>
/// <remarks>
/// d(0) = SHA-256("elasticity-job-1", policy, number of tasks); d(n+1) = SHA-256(d(n), task n). A chain, so that a
/// submit that broke off goes on from the last chunk. Each field is a tag byte and then its bytes, texts and payloads
/// with their length first; a field that was not given is left out. Part of the stored format: it never changes, and a
/// test pins its values.
/// </remarks>
public sealed class JobDigest
{
    private readonly byte[] _value = new byte[SHA256.HashSizeInBytes];
    private readonly ArrayBufferWriter<byte> _buffer = new();

    private JobDigest()
    {
    }

    /// <summary>Whether a text may be a digest: 64 lower-case hexadecimal digits.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True when it may.</returns>
    public static bool IsValid([NotNullWhen(true)] string? text) =>
        text?.Length == 2 * SHA256.HashSizeInBytes && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Begins a digest.</summary>
    /// <param name="policy">The job's policy as given.</param>
    /// <param name="taskCount">How many tasks will be added.</param>
    /// <returns>The digest before the first task.</returns>
    public static JobDigest Start(JobPolicy policy, int taskCount)
    {
        JobDigest digest = new();
        digest.Text(0, "elasticity-job-1");
        digest.Number(1, taskCount);
        digest.Optional(2, (long?)policy.OnDeadLetter);
        digest.Common(policy.Retry, policy.LeaseLength, policy.Priority);
        digest.Close();
        return digest;
    }

    /// <summary>Takes a digest up again.</summary>
    /// <param name="value">What <see cref="Value"/> gave.</param>
    /// <returns>The digest at that place.</returns>
    public static JobDigest From(string value)
    {
        JobDigest digest = new();
        Convert.FromHexString(value).CopyTo(digest._value, 0);
        return digest;
    }

    /// <summary>The digest of a whole job.</summary>
    /// <param name="policy">The job's policy as given.</param>
    /// <param name="tasks">All its tasks as given.</param>
    /// <returns>64 hexadecimal digits.</returns>
    public static string Of(JobPolicy policy, IReadOnlyCollection<TaskSpec> tasks)
    {
        JobDigest digest = Start(policy, tasks.Count);
        foreach (TaskSpec task in tasks)
        {
            digest.Add(task);
        }

        return digest.Value();
    }

    /// <summary>Adds the next task.</summary>
    /// <param name="task">As given.</param>
    public void Add(TaskSpec task)
    {
        _buffer.Write(_value);
        Text(0, task.Kind);
        if (task.Name is not null)
        {
            Text(1, task.Name);
        }

        Bytes(2, task.Payload.Bytes.Span);
        foreach (int dependency in task.DependsOn.IsDefault ? [] : task.DependsOn)
        {
            Number(3, dependency);
        }

        Optional(4, task.NotBefore?.UtcTicks);
        Common(task.Retry, task.LeaseLength, task.Priority);
        Close();
    }

    /// <summary>The digest up to here.</summary>
    /// <returns>64 hexadecimal digits.</returns>
    public string Value() => Convert.ToHexStringLower(_value);

    private void Common(RetryPolicy? retry, TimeSpan? leaseLength, int? priority)
    {
        if (retry is not null)
        {
            Number(10, retry.AttemptsMax);
            Number(11, retry.First.Ticks);
            Number(12, BitConverter.DoubleToInt64Bits(retry.Factor));
            Number(13, retry.Cap.Ticks);
            Number(14, BitConverter.DoubleToInt64Bits(retry.Jitter));
        }

        Optional(15, leaseLength?.Ticks);
        Optional(16, priority);
    }

    private void Text(byte tag, string text) => Bytes(tag, Encoding.UTF8.GetBytes(text));

    private void Bytes(byte tag, ReadOnlySpan<byte> bytes)
    {
        Number(tag, bytes.Length);
        _buffer.Write(bytes);
    }

    private void Optional(byte tag, long? value)
    {
        if (value is { } given)
        {
            Number(tag, given);
        }
    }

    private void Number(byte tag, long value)
    {
        Span<byte> bytes = stackalloc byte[1 + sizeof(long)];
        bytes[0] = tag;
        BinaryPrimitives.WriteInt64LittleEndian(bytes[1..], value);
        _buffer.Write(bytes);
    }

    private void Close()
    {
        SHA256.HashData(_buffer.WrittenSpan, _value);
        _buffer.ResetWrittenCount();
    }
}
