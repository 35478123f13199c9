namespace Elasticity.EventStore;

/// <summary>The cursor is well-formed, but beyond the end of the log: the log is another one than that it was taken
/// from, such as an older copy that was put back. Reading on from there would skip what is appended until the log is as
/// long again.</summary>
public sealed class CursorUnknownException : ArgumentException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="cursor">The cursor.</param>
    public CursorUnknownException(LogCursor cursor)
        : this($"The cursor '{cursor.Value}' is beyond the end of the log: read the log again from its beginning.")
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">One sentence for a human.</param>
    public CursorUnknownException(string message)
        : base(message)
    {
    }
}
