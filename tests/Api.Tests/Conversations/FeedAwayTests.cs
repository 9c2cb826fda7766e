using System.Runtime.CompilerServices;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Testing;

namespace Agora.Api.Tests.Conversations;

/// <summary>Whoever listens all the time is told also what was said while its process could not follow the feed.</summary>
public sealed class FeedAwayTests
{
    public static readonly TheoryData<string> Troubles = ["away", "newer", "cut"];

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task A_conversation_that_is_opened_meanwhile_is_heard_of(string trouble)
    {
        var store = new Troubled(new MemoryJournal(TimeProvider.System));
        await using var talk = await Talk.Among(store, "a", "b");
        var before = await talk.Open("a", ["b"]);
        var (_, next) = await talk.Told("b", 1);

        store.Trouble = trouble;
        var opened = (await talk.Post("a", "/conversations", """{"participants":["b"]}""")).Expect(201).Data.GetProperty("conversation_id").GetString()!;
        await talk.Say("a", before, "1");
        await store.Met;
        await talk.Say("a", opened, "2");
        store.Trouble = null;

        Assert.Equal(["a opened", "a:1", "a:2"], (await talk.Told("b", 3, next)).Told);
    }

    /// <summary>Who follows conversations is told of nothing, or that what it followed was cut off, as long as there is trouble.</summary>
    private sealed class Troubled(IJournal inner) : DelegatingJournal(inner)
    {
        private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile string? _trouble;

        public string? Trouble { get => _trouble; set => _trouble = value; }

        public Task Met => _met.Task.WaitAsync(Hang.Timeout);

        public override async IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, [EnumeratorCancellation] CancellationToken cancel)
        {
            await foreach (var window in base.Follow(query, cancel))
            {
                if (query is { Streams: null, Kinds: [ConversationEntity.Kind] } && _trouble is { } trouble)
                {
                    _met.TrySetResult();
                    if (trouble == "away") throw new JournalUnavailableException("It is away.");
                    if (trouble == "newer") throw new UndecodableException("conversation.of_tomorrow", 1);

                    yield return window with { Rows = [], Reset = true };
                    yield break;
                }

                yield return window;
            }
        }
    }
}
