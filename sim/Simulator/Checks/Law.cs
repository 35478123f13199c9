using System.Runtime.CompilerServices;

namespace Elasticity.Simulator.Checks;

/// <summary>How a checker says that a promise was broken. The words are put together only then.</summary>
internal static class Law
{
    public static void Require(
        bool holds, string rule, string subject, [InterpolatedStringHandlerArgument(nameof(holds))] ref Detail detail)
    {
        if (!holds)
        {
            throw new Violation(rule, subject, detail.ToString());
        }
    }

    public static void Require(bool holds, string rule, string subject, string detail)
    {
        if (!holds)
        {
            throw new Violation(rule, subject, detail);
        }
    }

    /// <summary>A text that costs nothing while the promise holds.</summary>
    [InterpolatedStringHandler]
    public ref struct Detail
    {
        private DefaultInterpolatedStringHandler _text;

        public Detail(int literalLength, int formattedCount, bool holds, out bool isWanted)
        {
            isWanted = !holds;
            _text = holds ? default : new DefaultInterpolatedStringHandler(
                literalLength, formattedCount, System.Globalization.CultureInfo.InvariantCulture);
        }

        public void AppendLiteral(string text) => _text.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

        public override string ToString() => _text.ToStringAndClear();
    }
}
