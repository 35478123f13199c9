namespace Elasticity.Simulator.World;

/// <summary>Whoever awaits in the world goes on in the world: on its one thread, in the order of the agenda.</summary>
internal sealed class AgendaContext(Agenda agenda) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => agenda.At(agenda.Now, () => d(state));

    public override void Send(SendOrPostCallback d, object? state) => d(state);
}
