using Xunit;

namespace Elasticity.Domain.Tests;

/// <summary>The small values that everything is made of.</summary>
public class ValuesTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("Job_1.retry-2")]
    [InlineData("...")]
    [InlineData("0")]
    public void An_id_is_of_plain_letters(string id) => Assert.True(Identifier.IsValid(id));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    public void Anything_else_is_no_id(string? id) => Assert.False(Identifier.IsValid(id));

    [Fact]
    public void An_id_has_at_most_128_letters()
    {
        Assert.True(Identifier.IsValid(new string('a', 128)));
        Assert.False(Identifier.IsValid(new string('a', 129)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Ünïcödé, 東京, 🚀")]
    public void A_text_for_people_may_be_in_any_language(string text) => Assert.True(Identifier.IsShowable(text));

    [Theory]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("\u007f")]
    public void A_text_for_people_has_no_control_characters(string text) => Assert.False(Identifier.IsShowable(text));

    [Fact]
    public void A_text_for_people_has_no_halves_of_characters()
    {
        Assert.False(Identifier.IsShowable("a" + '\ud83d'));
        Assert.False(Identifier.IsShowable('\ude80' + "a"));
        Assert.False(Identifier.IsShowable($"{'\ud83d'}{'\ud83d'}"));
    }

    [Fact]
    public void A_text_is_cut_between_characters()
    {
        Assert.Equal("a", Identifier.Cut("a", 2));
        Assert.Equal("ab", Identifier.Cut("ab", 2));
        Assert.Equal("a" + '\ud83d', Identifier.Cut("a" + '\ud83d', 2)); // It fits: it is not touched.
        Assert.Equal("ab", Identifier.Cut("abc", 2));
        Assert.Equal("a", Identifier.Cut("a🚀", 2));
        Assert.Equal("a🚀", Identifier.Cut("a🚀b", 3));
    }

    [Fact]
    public void A_sentence_shows_the_first_100_characters_of_a_text()
    {
        Assert.Equal(new string('x', 100), Identifier.Shorten(new string('x', 100)));
        Assert.Equal(new string('x', 100) + "…", Identifier.Shorten(new string('x', 101)));
        Assert.Equal(new string('x', 99) + "…", Identifier.Shorten(new string('x', 99) + "🚀"));
    }

    [Fact]
    public void Payloads_are_equal_when_their_bytes_are()
    {
        Assert.Equal(Payload.FromJson("{}"), Payload.FromJson("{}"));
        Assert.Equal(Payload.FromJson("{}").GetHashCode(), Payload.FromJson("{}").GetHashCode());
        Assert.NotEqual(Payload.FromJson("{}"), Payload.FromJson("{ }"));
        Assert.NotEqual(Payload.FromJson("{}").GetHashCode(), Payload.FromJson("{ }").GetHashCode());
        Assert.Equal(Payload.None, Payload.FromJson(string.Empty));
        Assert.True(Payload.None.IsNone);
    }
}
