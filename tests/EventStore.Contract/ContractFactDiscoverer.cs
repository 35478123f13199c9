using Xunit.Abstractions;
using Xunit.Sdk;

namespace Elasticity.EventStore.Contract;

/// <summary>Makes the test cases of <see cref="ContractFactAttribute"/>. xUnit 2 has no other way to skip an
/// inherited test.</summary>
public sealed class ContractFactDiscoverer : FactDiscoverer
{
    /// <summary>Made by xUnit.</summary>
    /// <param name="diagnosticMessageSink">For diagnostics.</param>
    public ContractFactDiscoverer(IMessageSink diagnosticMessageSink)
        : base(diagnosticMessageSink)
    {
    }

    /// <inheritdoc/>
    protected override IXunitTestCase CreateTestCase(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        new ContractTestCase(
            DiagnosticMessageSink,
            discoveryOptions.MethodDisplayOrDefault(),
            discoveryOptions.MethodDisplayOptionsOrDefault(),
            testMethod);
}
