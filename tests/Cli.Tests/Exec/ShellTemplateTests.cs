using Elasticity.Cli.Exec;
using Xunit;

namespace Elasticity.Cli.Tests.Exec;

public class ShellTemplateTests
{
    [Theory]
    [InlineData("sha256sum {}", "sha256sum \"$1\"")]
    [InlineData("sha256sum", "sha256sum \"$1\"")]
    [InlineData("cp {} {}.bak", "cp \"$1\" \"$1\".bak")]
    [InlineData("echo \"got {}!\"", "echo \"got ${1}!\"")]
    [InlineData("echo '{}' {}", "echo '{}' \"$1\"")]
    [InlineData("jq '{}'", "jq '{}' \"$1\"")]
    [InlineData("find {} -exec ls \\{} \\;", "find \"$1\" -exec ls \\{} \\;")]
    [InlineData("mv {} \"out/$(basename {} .x)\"", "mv \"$1\" \"out/$(basename \"$1\" .x)\"")]
    [InlineData("echo \"$(echo \"{}\")\"", "echo \"$(echo \"${1}\")\"")]
    [InlineData("echo \"$1\"", "echo \"$1\"")]
    [InlineData("echo \"${1%.png}\"", "echo \"${1%.png}\"")]
    [InlineData("printf '%s\\n' \"$@\"", "printf '%s\\n' \"$@\"")]
    [InlineData("echo $12", "echo $12 \"$1\"")]
    [InlineData("echo \\$1", "echo \\$1 \"$1\"")]
    [InlineData("(cd /tmp && ls {})", "(cd /tmp && ls \"$1\")")]
    [InlineData("# it's {}\nls {}", "# it's {}\nls \"$1\"")]
    [InlineData("echo a#b {}", "echo a#b \"$1\"")]
    [InlineData("echo $(( 1 + 2 )) {}", "echo $(( 1 + 2 )) \"$1\"")]
    [InlineData("case {} in (a) ls;; esac", "case \"$1\" in (a) ls;; esac")]
    public void The_argument_becomes_a_parameter_and_never_part_of_the_script(string command, string script) =>
        Assert.Equal((script, null), ShellTemplate.Expand(command));

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  ", "empty")]
    [InlineData("echo 'x", "single quote")]
    [InlineData("echo \"x", "double quote")]
    [InlineData("echo $(ls", "parenthesis")]
    [InlineData("echo `basename {}`", "$(…)")]
    [InlineData("echo ${x:-{}}", "$1")]
    [InlineData("cat <<END\n{}\nEND", "here-document")]
    [InlineData("echo hi;", "write {}")]
    [InlineData("echo hi &", "write {}")]
    [InlineData("echo hi |", "write {}")]
    [InlineData("(echo hi)", "write {}")]
    [InlineData("echo hi # and", "write {}")]
    [InlineData("echo \"$(case x in a) ls {};; esac)\"", "$1")]
    public void What_could_not_be_exact_is_refused(string command, string why) =>
        Assert.Contains(why, ShellTemplate.Expand(command).Problem);
}
