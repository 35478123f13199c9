namespace Elasticity.Api.Tests.Support;

/// <summary>Waits for what happens elsewhere, and gives up in the end.</summary>
internal static class Wait
{
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), late.Token);
        }
    }
}
