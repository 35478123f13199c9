using Xunit;

namespace Elasticity.Architecture.Tests;

/// <summary>The measure itself is measured.</summary>
public class MethodSizesTests
{
    [Fact]
    public void Members_are_found_in_nested_types_with_their_lines() =>
        Assert.Equal(
            ["5: 4 public void M()", "10: 1 int P", "13: 3 Inner()"],
            Measure("""
                namespace N;
                [Some(typeof(int[]), "{")]
                public sealed record Outer(int A) : Base(A)
                {
                    public void M()
                    {
                        if (A > 1) { Call(new[] { 1, 2 }); }
                    }
                    [Obsolete("}")]
                    int P { get; set; } = 5;
                    private struct Inner
                    {
                        Inner()
                        {
                        }
                    }
                }
                """));

    [Fact]
    public void An_expression_body_counts_like_a_block() =>
        Assert.Equal(
            ["3: 5 int M(int a) => a switch", "8: 1 int N() => 1;"],
            Measure("""
                class C
                {
                    int M(int a) => a switch
                    {
                        1 => 2,
                        _ => 3,
                    };
                    int N() => 1;
                }
                """));

    [Fact]
    public void Data_is_not_a_method() =>
        Assert.Empty(Measure("""
            class C
            {
                private static readonly int[] Table =
                [
                    1,
                ];
                private Func<int> make = () => { return 1; };
                enum E { A = 1, B }
                int field;
                abstract void M();
            }
            """));

    [Fact]
    public void A_constraint_does_not_turn_a_method_into_a_type() =>
        Assert.Equal(
            ["1: 2 T M<T>(T t) where T : class {", "3: 1 T P"],
            Measure("T M<T>(T t) where T : class {\n}\nT P { get; }"));

    [Fact]
    public void Operators_are_methods() =>
        Assert.Equal(
            ["3: 1 public static bool operator ==(C a, C b) => true;", "4: 3 public static bool operator >=(C a, C b)"],
            Measure("""
                class C
                {
                    public static bool operator ==(C a, C b) => true;
                    public static bool operator >=(C a, C b)
                    {
                    }
                }
                """));

    [Fact]
    public void Braces_in_comments_and_literals_do_not_count() =>
        Assert.Equal(
            ["3: 10 void M()", "13: 1 void N()"],
            Measure("""""
                class C
                {
                    void M()
                    {
                        // }
                        /* } */ char c = '}'; char d = '\'';
                        string s = "}\"}" + @"}""}" + $"{(true ? "}" : $"{c}")}}}";
                        string r = """
                            }}} ""
                            """ + $$"""{ {{c}} }""";
                #region it's }
                    }
                    void N() { }
                }
                """""));

    [Fact]
    public void A_switch_over_the_limit_is_seen()
    {
        string arms = string.Concat(Enumerable.Range(0, 80).Select(i => $"        case {i}: return {i};\n"));
        string source = $"class C {{\nint M(int a)\n{{\n    switch (a)\n    {{\n{arms}    }}\n}}\n}}\n";

        Assert.Equal(86, Assert.Single(MethodSizes.Measure(source)).Lines);
    }

    [Fact]
    public void Blanking_keeps_every_line_in_its_place()
    {
        foreach (string file in Repository.Sources())
        {
            string source = Repository.Read(file);
            string blank = CSharpText.Blank(source);

            Assert.Equal(source.Length, blank.Length);
            Assert.Equal(source.Count(c => c == '\n'), blank.Count(c => c == '\n'));
            Assert.True(blank.Count(c => c == '{') == blank.Count(c => c == '}'), $"Braces do not match in {file}.");
        }
    }

    private static IEnumerable<string> Measure(string source) =>
        MethodSizes.Measure(source).Select(m => $"{m.Line}: {m.Lines} {m.Name.Split(" { ")[0]}");
}
