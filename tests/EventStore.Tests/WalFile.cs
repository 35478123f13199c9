using System.Buffers.Binary;

namespace Elasticity.EventStore.Tests;

/// <summary>SQLite's write-ahead log, read as its documentation describes it, beside whoever writes it.</summary>
internal sealed class WalFile(string path)
{
    public const int HeaderLength = 32;
    public const int FrameHeaderLength = 24;

    private const int PageSizeAt = 8;
    private const int SaltAt = 16; // In a frame's header it is at the place of the page size.

    /// <summary>Another number each time that it begins anew; 0 when it is empty.</summary>
    public long Generation()
    {
        byte[] header = ReadShared(path, HeaderLength);
        return header.Length < HeaderLength ? 0 : BinaryPrimitives.ReadInt64BigEndian(header.AsSpan(SaltAt));
    }

    /// <summary>Where its last commit ends: frames behind it are of an older generation, or there are none.</summary>
    public long CommittedEnd()
    {
        using FileStream file = Open(path);
        byte[] header = new byte[HeaderLength];
        if (file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength)
        {
            return 0;
        }

        int frameLength = FrameHeaderLength + BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(PageSizeAt));
        long end = 0;
        byte[] frame = new byte[FrameHeaderLength];
        for (long at = HeaderLength; at + frameLength <= file.Length; at += frameLength)
        {
            file.Position = at;
            file.ReadExactly(frame);
            if (!frame.AsSpan(PageSizeAt, sizeof(long)).SequenceEqual(header.AsSpan(SaltAt, sizeof(long))))
            {
                break;
            }

            bool isCommit = BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(sizeof(int))) != 0;
            end = isCommit ? at + frameLength : end;
        }

        return end;
    }

    /// <summary>The frames of a copy up to its last commit: where each begins, and whether a transaction ends with
    /// it.</summary>
    public static IReadOnlyList<(int Offset, bool IsEnd)> Frames(byte[] log)
    {
        List<(int Offset, bool IsEnd)> frames = [];
        int frameLength = FrameHeaderLength + BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(PageSizeAt));
        for (int at = HeaderLength; at + frameLength <= log.Length; at += frameLength)
        {
            if (!log.AsSpan(at + PageSizeAt, sizeof(long)).SequenceEqual(log.AsSpan(SaltAt, sizeof(long))))
            {
                break;
            }

            frames.Add((at, BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(at + sizeof(int))) != 0));
        }

        return [.. frames.Take(frames.FindLastIndex(f => f.IsEnd) + 1)];
    }

    /// <summary>Where the last transaction of a copy begins.</summary>
    public static int LastTransactionAt(byte[] log)
    {
        IReadOnlyList<(int Offset, bool IsEnd)> frames = Frames(log);
        return frames.Reverse().Skip(1).TakeWhile(f => !f.IsEnd).LastOrDefault(frames[^1]).Offset;
    }

    public static byte[] ReadShared(string path, long lengthMax)
    {
        using FileStream file = Open(path);
        byte[] bytes = new byte[Math.Min(file.Length, lengthMax)];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
