namespace Elasticity.EventStore;

/// <summary>What is wrong with an event. The hashes around it tell which of two things was changed.</summary>
public enum VerifyDifference
{
    /// <summary>Type, metadata, content or attachments do not give the stored hash, which its neighbours
    /// confirm.</summary>
    Bytes,

    /// <summary>The stored hash is not that of the bytes, which its neighbours confirm.</summary>
    Hash,

    /// <summary>The bytes do not give the stored hash, and nothing tells which of them is right.</summary>
    BytesOrHash,

    /// <summary>The attachment block is not in the documented format.</summary>
    Attachments,

    /// <summary>The event is missing; a later one is there.</summary>
    Gap,

    /// <summary>The event is missing, and all after it, though the stream's head knows of it.</summary>
    TailMissing,

    /// <summary>The stream's head has another hash than its last event.</summary>
    Head,

    /// <summary>The event is there, but the stream's head does not know of it, or there is no such stream.</summary>
    BeyondHead,

    /// <summary>The store could not read it.</summary>
    Unreadable,

    /// <summary>A job recorded an outcome that the task's stream does not hold.</summary>
    Outcome,

    /// <summary>A job wrote down that it stands elsewhere than its events lead to.</summary>
    Checkpoint,
}
