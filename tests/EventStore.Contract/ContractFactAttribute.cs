using Xunit;
using Xunit.Sdk;

namespace Elasticity.EventStore.Contract;

/// <summary>A fact of a suite that each store inherits. <see cref="RequiresEnvironmentAttribute"/> on the inheriting
/// class skips it.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Elasticity.EventStore.Contract.ContractFactDiscoverer", "Elasticity.EventStore.Contract")]
public sealed class ContractFactAttribute : FactAttribute;
