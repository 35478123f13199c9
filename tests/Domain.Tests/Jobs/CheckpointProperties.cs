using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tests.Support;
using Elasticity.Domain.Tests.World;
using FsCheck.Fluent;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>What is read from a checkpoint is what is read without it.</summary>
public class CheckpointProperties
{
    private const int CommandsMax = 40;

    private static readonly Limits EveryTime = new() { EventsPerCheckpointMin = 1 };

    [Fact]
    public void A_state_from_a_checkpoint_is_the_fold_of_all_events() => Always.Holds(
        Gen.Choose(0, int.MaxValue),
        seed =>
        {
            Random random = new(seed);
            (_, GivenJob accepted) = DrawnJob.DrawAccepted(random);
            GivenJob job = accepted;
            for (int i = random.Next(CommandsMax); i >= 0; i--)
            {
                Decision<JobEvent> decision = job.When(DrawCommand(random, job.State), EveryTime).Decision;
                job = job.And([.. decision.Events]);
                if (decision.Events is [.., JobEvent.Checkpointed checkpoint])
                {
                    Assert.True(
                        JobDecider.TryRestore(accepted.State, checkpoint, job.State.Version, out JobState? restored));
                    Assert.Equal(Show.Of(job.State), Show.Of(restored));
                }
            }
        },
        times: 300);

    private static JobCommand DrawCommand(Random random, JobState state) => random.Next(12) switch
    {
        0 => new JobCommand.ErasePayloads(T0, random.Next(2) == 0 ? null : random.Next(Math.Max(1, state.TaskCount))),
        1 => new JobCommand.Redrive(T0, null, $"again-{random.Next(5)}"),
        _ => DrawnJob.DrawCommand(random, state),
    };
}
