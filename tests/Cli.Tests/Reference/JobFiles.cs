using Xunit;

namespace Elasticity.Cli.Tests.Reference;

/// <summary>Job files, right and wrong.</summary>
public static class JobFiles
{
    private static readonly string Long = new('x', 257);

    public static TheoryData<string> Right =>
    [
        """{"tasks":[]}""",
        """{"tasks":[{"kind":"resize"}]}""",
        """{"id":null,"name":null,"policy":null,"labels":null,"tasks":[]}""",
        """{"id":"a.B_9-","name":"Été","labels":{"a":"b","c":""},"tasks":[]}""",
        """{"tasks":[],"policy":{"onDeadLetter":"ignore","leaseSeconds":1,"priority":-1000}}""",
        """{"tasks":[],"policy":{"onDeadLetter":null,"retry":null,"leaseSeconds":null,"priority":null}}""",
        """
        {"tasks":[],"policy":{"retry":
        {"attemptsMax":1000,"firstSeconds":0,"factor":1.5,"capSeconds":604800,"jitter":1}}}
        """,
        """{"tasks":[{"kind":"a","name":"x"},{"kind":"b","payload":null,"dependsOn":["x",0]}]}""",
        """{"tasks":[{"kind":"a","payload":[1,{"x":1e2}],"leaseSeconds":86400,"priority":1000}]}""",
        """{"tasks":[{"kind":"a","notBefore":"2030-01-31T12:00:00.5+02:00","retry":{"attemptsMax":1}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"ls {}","argument":"a b"}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"ls","argumentBase64":"/w=="}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"","argument":null,"argumentBase64":null}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"ls","argument":"x","argumentBase64":null}}]}""",
        """
        {"tasks":[{"kind":"exec","payload":
        {"command":"ls","directory":"/","environment":{"A":"1"},"timeoutSeconds":0.5}}]}
        """,
    ];

    public static TheoryData<string> Wrong =>
    [
        "{}",
        "[]",
        "null",
        """{"tasks":null}""",
        """{"tasks":{}}""",
        """{"tasks":[null]}""",
        """{"tasks":[[]]}""",
        """{"tasks":[{}]}""",
        """{"tasks":[],"colour":"red"}""",
        """{"tasks":[],"Name":"x"}""",
        """{"id":"a b","tasks":[]}""",
        """{"id":"..","tasks":[]}""",
        """{"id":"","tasks":[]}""",
        """{"id":7,"tasks":[]}""",
        """{"name":"a\u0000b","tasks":[]}""",
        $$"""{"name":"{{Long}}","tasks":[]}""",
        """{"labels":{"a":null},"tasks":[]}""",
        """{"labels":{"a":1},"tasks":[]}""",
        """{"labels":{"":"a"},"tasks":[]}""",
        """{"labels":{"a\n":"b"},"tasks":[]}""",
        """{"labels":[],"tasks":[]}""",
        """{"tasks":[],"policy":{"onDeadLetter":"never"}}""",
        """{"tasks":[],"policy":{"onDeadLetter":1}}""",
        """{"tasks":[],"policy":{"leaseSeconds":0.5}}""",
        """{"tasks":[],"policy":{"leaseSeconds":86401}}""",
        """{"tasks":[],"policy":{"leaseSeconds":"30"}}""",
        """{"tasks":[],"policy":{"priority":1001}}""",
        """{"tasks":[],"policy":{"priority":1.5}}""",
        """{"tasks":[],"policy":{"retries":3}}""",
        """{"tasks":[],"policy":{"retry":{"attemptsMax":0}}}""",
        """{"tasks":[],"policy":{"retry":{"attemptsMax":1001}}}""",
        """{"tasks":[],"policy":{"retry":{"firstSeconds":-1}}}""",
        """{"tasks":[],"policy":{"retry":{"factor":0.5}}}""",
        """{"tasks":[],"policy":{"retry":{"factor":101}}}""",
        """{"tasks":[],"policy":{"retry":{"capSeconds":604801}}}""",
        """{"tasks":[],"policy":{"retry":{"jitter":2}}}""",
        """{"tasks":[],"policy":{"retry":{"max":2}}}""",
        """{"tasks":[{"kind":""}]}""",
        """{"tasks":[{"kind":"a b"}]}""",
        """{"tasks":[{"kind":"."}]}""",
        """{"tasks":[{"kind":null}]}""",
        $$"""{"tasks":[{"kind":"{{Long[..65]}}"}]}""",
        """{"tasks":[{"kind":"a","name":7}]}""",
        """{"tasks":[{"kind":"a","dependsOn":0}]}""",
        """{"tasks":[{"kind":"a","dependsOn":[1.5]}]}""",
        """{"tasks":[{"kind":"a","dependsOn":[-1]}]}""",
        """{"tasks":[{"kind":"a","dependsOn":[null]}]}""",
        """{"tasks":[{"kind":"a","notBefore":"soon"}]}""",
        """{"tasks":[{"kind":"a","notBefore":"2030-01-31T12:00:00"}]}""",
        """{"tasks":[{"kind":"a","notBefore":0}]}""",
        """{"tasks":[{"kind":"exec"}]}""",
        """{"tasks":[{"kind":"exec","payload":null}]}""",
        """{"tasks":[{"kind":"exec","payload":"ls"}]}""",
        """{"tasks":[{"kind":"exec","payload":{}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":null}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"ls","cwd":"/"}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"a\u0000b"}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"ls","argument":"a\u0000b"}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"ls","argument":"x","argumentBase64":"/w=="}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"ls","argumentBase64":"%%"}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"ls","environment":{"":"x"}}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"ls","environment":{"A=B":"x"}}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"ls","environment":{"A":1}}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"ls","environment":{"A":null}}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"ls","timeoutSeconds":0}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"ls","timeoutSeconds":2592001}}]}""",
        """{"tasks":[{"kind":"exec","payload":{"command":"ls","timeoutSeconds":"1"}}]}""",
    ];

    public static TheoryData<string, string> BeyondSchemas => new()
    {
        { """{"tasks":[],"tasks":[]}""", "bad-json" },
        { """{"tasks":[{"kind":"a","name":"x"},{"kind":"a","name":"x"}]}""", "invalid" },
        { """{"tasks":[{"kind":"a","dependsOn":[7]}]}""", "dependency-unknown" },
        { """{"tasks":[{"kind":"a","dependsOn":["x"]}]}""", "dependency-unknown" },
        { """{"tasks":[{"kind":"a","dependsOn":[0]}]}""", "dependency-cycle" },
        { """{"tasks":[],"policy":{"priority":1.0}}""", "invalid" }, // A whole number is written as one.
        { $$"""{"tasks":[{"kind":"a","payload":"{{new string('x', 256 * 1024)}}"}]}""", "limit-exceeded" },
        { """{"tasks":[{"kind":"exec","payload":{"command":"ls '","argument":"x"}}]}""", "invalid" },
        { """{"tasks":[{"kind":"exec","payload":{"command":"ls","argumentBase64":"AA=="}}]}""", "invalid" }, // NUL
    };
}
