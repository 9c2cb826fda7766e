using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Grains.Conversations;

/// <summary>What is said from now on, for whoever looks up by other ways what was said before.</summary>
public static class ConversationFeed
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Ends when it is wanted no more. While the journal is out of reach it waits, and goes on where it was.</summary>
    /// <param name="begins">At this cursor it is taken up: at first, and again behind what cannot be read here, or where it was cut off.</param>
    /// <param name="hears">Each window, in order. False: it is wanted no more.</param>
    /// <param name="away">Why it waits.</param>
    public static async Task FromNowOn(this IFeed feed, Action<string> begins, Func<FeedWindow, Task<bool>> hears, Action<Exception> away, TimeProvider time, CancellationToken cancel)
    {
        for (string? cursor = null; ;)
        {
            try
            {
                if (cursor is null)
                {
                    begins(cursor = await feed.FeedEnd(cancel));
                }

                await foreach (var window in feed.Follow(new FeedQuery(cursor, ConversationEntity.Kind), cancel))
                {
                    if (!window.Reset && !await hears(window)) return;

                    cursor = window.Reset ? null : window.Cursor;
                    if (cursor is null) break;
                }
            }
            catch (Exception e) when (e is JournalUnavailableException or UndecodableException)
            {
                cursor = e is UndecodableException ? null : cursor; // a newer release said it
                away(e);
                await Task.Delay(Pause, time, cancel);
            }
        }
    }
}
