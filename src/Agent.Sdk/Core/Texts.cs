using System.Text;

namespace Elasticity.Agent.Sdk.Core;

/// <summary>Texts that the server takes: without control characters and halves of characters, and not too
/// long.</summary>
internal static class Texts
{
    public static string Showable(string text, int lengthMax)
    {
        StringBuilder shown = new(Math.Min(text.Length, lengthMax));
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (shown.Length + rune.Utf16SequenceLength > lengthMax)
            {
                break;
            }

            shown.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return shown.ToString();
    }
}
