using Elasticity.Client.Http.Tests.Support;
using Elasticity.Engine.Contract;

namespace Elasticity.Client.Http.Tests;

/// <summary>The port over HTTP behaves like the port in process.</summary>
public class HttpEngineTests : EngineContract
{
    protected override ValueTask<EngineHarness> CreateHarnessAsync() => new(new HttpHarness());
}
