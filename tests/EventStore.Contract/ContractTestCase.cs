using Xunit.Abstractions;
using Xunit.Sdk;

namespace Elasticity.EventStore.Contract;

/// <summary>A test case that asks its class what it requires.</summary>
public sealed class ContractTestCase : XunitTestCase
{
    /// <summary>Made by xUnit when it reads the case back from the runner.</summary>
    [Obsolete("Only for xUnit, which fills the object afterwards.")]
    public ContractTestCase()
    {
    }

    /// <summary>Makes the case.</summary>
    /// <param name="diagnosticMessageSink">For diagnostics.</param>
    /// <param name="display">How to show the method.</param>
    /// <param name="displayOptions">More of that.</param>
    /// <param name="testMethod">The method.</param>
    public ContractTestCase(
        IMessageSink diagnosticMessageSink,
        TestMethodDisplay display,
        TestMethodDisplayOptions displayOptions,
        ITestMethod testMethod)
        : base(diagnosticMessageSink, display, displayOptions, testMethod)
    {
    }

    /// <inheritdoc/>
    protected override string? GetSkipReason(IAttributeInfo factAttribute) =>
        base.GetSkipReason(factAttribute) ?? Missing(TestMethod.TestClass.Class);

    private static string? Missing(ITypeInfo testClass)
    {
        IAttributeInfo? requires =
            testClass.GetCustomAttributes(typeof(RequiresEnvironmentAttribute).AssemblyQualifiedName!).FirstOrDefault();
        if (requires is null)
        {
            return null;
        }

        string variable = requires.GetNamedArgument<string>(nameof(RequiresEnvironmentAttribute.Variable));
        string meaning = requires.GetNamedArgument<string>(nameof(RequiresEnvironmentAttribute.Meaning));
        return string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable))
            ? $"Set {variable} to {meaning} to run this."
            : null;
    }
}
