namespace Elasticity.Silo;

/// <summary>One option: what it is called everywhere, and how its value is read.</summary>
/// <param name="Name">Without dashes or prefix; case does not matter.</param>
/// <param name="Default">What holds where nothing is said, for the reader of the help.</param>
/// <param name="Meaning">One line for the reader of the help.</param>
/// <param name="Set">Puts a value in.</param>
/// <param name="IsFlag">Whether the name alone, on the command line, means <c>true</c>.</param>
internal sealed record SiloOption(
    string Name, string Default, string Meaning, Func<SiloOptions, string, SiloOptions> Set, bool IsFlag = false);

/// <summary>The value of an option is wrong; the message ends the sentence "Name is …".</summary>
internal sealed class SiloValueException(string message) : Exception(message);

/// <summary>The silo cannot be started like that: an unknown name, a wrong value, a file that cannot be read. The
/// message says which and where it stands.</summary>
internal sealed class SiloUsageException(string message) : Exception(message);
