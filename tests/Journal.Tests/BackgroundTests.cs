namespace Agora.Journal.Tests;

public sealed class BackgroundTests
{
    [Fact]
    public async Task What_failed_while_the_store_was_away_is_done_at_the_next_turn()
    {
        var turns = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var background = new Background(TimeSpan.Zero, TimeProvider.System, async cancel =>
        {
            switch (++turns)
            {
                case 1:
                    throw new JournalUnavailableException("away");
                case 2:
                    throw new JournalUnknownException("nobody knows");
                default:
                    done.SetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, cancel); // as long as it lives
                    break;
            }
        });

        await done.Task.WaitAsync(Hang.Timeout);
    }
}
