using System.Runtime.CompilerServices;
using Agora.Core.Kernel;
using Agora.Grains.Conversations;
using Agora.Journal;

namespace Agora.Grains.Tests.Conversations;

/// <summary>Whoever follows what is said misses nothing of it: where it goes on, after each thing that can go wrong.</summary>
public sealed class ConversationFeedTests
{
    private readonly List<string> _begun = [];
    private readonly List<string> _heard = [];
    private readonly List<Exception> _why = [];

    [Fact]
    public async Task A_window_that_could_not_be_heard_to_its_end_is_heard_again()
    {
        await Follow(["1", "2", "3"], window => window == "2" && _why.Count == 0 ? throw new JournalUnavailableException("It is away.") : true);

        Assert.Equal(["1", "2", "3"], _heard);
        Assert.Equal(["0"], _begun);
        Assert.IsType<JournalUnavailableException>(Assert.Single(_why));
    }

    [Fact]
    public async Task Behind_what_cannot_be_read_here_it_is_taken_up_at_the_end()
    {
        await Follow(["1", "2", "3"], window => window == "2" && _why.Count == 0 ? throw new UndecodableException("conversation.of_tomorrow", 1) : true);

        Assert.Equal(["1"], _heard);
        Assert.Equal(["0", "3"], _begun);
        Assert.IsType<UndecodableException>(Assert.Single(_why));
    }

    [Fact]
    public async Task Where_it_was_cut_off_it_is_taken_up_at_the_end_and_nothing_of_that_is_heard()
    {
        await Follow(["1", "cut", "3"], static _ => true);

        Assert.Equal(["1"], _heard);
        Assert.Equal(["0", "3"], _begun);
    }

    // Until all was heard, or nothing more comes.
    private Task Follow(string[] windows, Func<string, bool> hears) => new Fed(windows).FromNowOn(
        _begun.Add,
        window =>
        {
            if (!hears(window.Cursor)) return Task.FromResult(false);

            _heard.Add(window.Cursor);
            return Task.FromResult(window.Cursor != windows[^1]);
        },
        _why.Add,
        new AtOnce(),
        CancellationToken.None).ContinueWith(static ended => ended.Exception?.InnerException is EndOfStreamException ? Task.CompletedTask : ended, TaskScheduler.Default).Unwrap();

    /// <summary>A window after the other; its end is where it begins, once, and then behind the last.</summary>
    private sealed class Fed(string[] windows) : IFeed
    {
        private bool _began;

        public Task<string> FeedEnd(CancellationToken cancel)
        {
            var end = _began ? windows[^1] : "0";
            _began = true;
            return Task.FromResult(end);
        }

        public async IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, [EnumeratorCancellation] CancellationToken cancel)
        {
            await Task.CompletedTask;
            foreach (var window in windows[(Array.IndexOf(windows, query.After) + 1)..]) yield return new(window, [], Reset: window == "cut");

            throw new EndOfStreamException("Nothing more comes.");
        }
    }

    /// <summary>Whatever is waited for is over at once.</summary>
    private sealed class AtOnce : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
