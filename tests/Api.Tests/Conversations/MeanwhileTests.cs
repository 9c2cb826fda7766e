using System.Runtime.CompilerServices;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Testing;

namespace Agora.Api.Tests.Conversations;

/// <summary>What happens to an agent's conversations while its inbox looks them up, or reads them.</summary>
public sealed class MeanwhileTests
{
    private readonly Paused _store = new(new MemoryJournal(TimeProvider.System));

    public static readonly TheoryData<string, string[]> Moves = new()
    {
        { "join", ["a opened", "a:2"] },
        { "leave", ["a opened", "a:1"] },
    };

    /// <summary>The look finds how it stood before, and the feed has told nobody whose it is.</summary>
    [Theory]
    [MemberData(nameof(Moves))]
    public async Task Who_joins_or_leaves_while_its_conversations_are_looked_up_is_told_what_it_is_to_hear_then(string move, string[] expected)
    {
        await using var talk = await Talk.Among(_store, "a", "b", "c");
        var id = (await talk.Post("a", "/conversations", """{"participants":["b","c"]}""")).Expect(201).Data.GetProperty("conversation_id").GetString()!;
        (await talk.Post("c", $"/conversations/{id}/join")).Expect(200);
        if (move == "leave")
        {
            (await talk.Post("b", $"/conversations/{id}/join")).Expect(200);
        }

        await talk.Say("a", id, "1");
        var (_, next) = await talk.Inbox("c", "now"); // the feed is followed from here on
        _store.AfterLooking = async () =>
        {
            (await talk.Post("b", $"/conversations/{id}/{move}")).Expect(200);
            await talk.Told("c", 1, next);
            await talk.Say("a", id, "2");
            await talk.Told("c", 2, next);
        };

        var all = await All(talk, "b");

        Assert.Equal(expected, all.Where(told => !told.StartsWith("c ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Who_unsubscribes_while_its_conversations_are_looked_up_is_told_nothing_more()
    {
        await using var talk = await Talk.Among(_store, "a", "b", "c");
        var id = await talk.Open("a", ["c"], ""","open":true""");
        (await talk.Post("b", $"/conversations/{id}/join")).Expect(200);
        var (_, next) = await talk.Inbox("c", "now");
        _store.AfterLooking = async () =>
        {
            (await talk.Post("b", $"/conversations/{id}/leave")).Expect(200);
            await talk.Say("a", id, "2");
            await talk.Told("c", 1, next);
        };

        Assert.Empty(await All(talk, "b"));
    }

    /// <summary>It had joined while somebody listened, and the feed is taken up anew behind that.</summary>
    [Fact]
    public async Task Who_has_joined_before_the_feed_was_cut_off_is_looked_up_once_more_and_told_what_follows()
    {
        await using var talk = await Talk.Among(_store, "a", "b");
        var (_, next) = await talk.Inbox("b");
        var id = await talk.Open("a", ["b"]);
        (_, next) = await talk.Told("b", 1, next);
        _store.CutsOff = true;
        await talk.Say("a", id, "1");
        Assert.Equal(["a:1"], (await talk.Told("b", 1, next)).Told);
        Assert.False(_store.CutsOff, "It was cut off.");
    }

    /// <summary>What is read are the conversations of before: what was opened since then is told by the feed, and stands before what is read.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_conversation_that_is_opened_while_older_ones_are_read_is_told_in_its_place(bool isMoreSaid)
    {
        await using var talk = await Talk.Among(_store, "a", "b", "c");
        var id = await talk.Open("a", ["b"]);
        await talk.Say("a", id, "1");
        var (_, next) = await talk.Inbox("c", "now");
        _store.BeforeReading = async () =>
        {
            (await talk.Post("a", "/conversations", """{"participants":["b","c"]}""")).Expect(201);
            if (isMoreSaid)
            {
                await talk.Say("a", id, "2");
            }

            await talk.Told("c", 1, next);
        };

        Assert.Equal(isMoreSaid ? ["a opened", "a:1", "a opened", "a:2"] : ["a opened", "a:1", "a opened"], (await talk.Told("b", isMoreSaid ? 4 : 3)).Told);
    }

    /// <summary>Until there is no more.</summary>
    private static async Task<IReadOnlyList<string>> All(Talk talk, string agent)
    {
        var (all, next) = (new List<string>(), (string?)null);
        while (await talk.Inbox(agent, next) is var (some, behind) && some.Count > 0)
        {
            all.AddRange(some);
            next = behind;
        }

        return all;
    }

    /// <summary>Something happens once before a read of some conversations, or after a look at an agent's.</summary>
    private sealed class Paused(IJournal inner) : DelegatingJournal(inner)
    {
        public Func<Task>? AfterLooking { get; set; }

        public Func<Task>? BeforeReading { get; set; }

        /// <summary>The feed of all conversations, once.</summary>
        public volatile bool CutsOff;

        public override async Task<TablePage> Query(TableQuery query, CancellationToken cancel)
        {
            var page = await base.Query(query, cancel);
            if (query.Table.Name == ConversationTables.Members.Name && query.Where.Any(condition => condition.Value is "b") && AfterLooking is { } meanwhile)
            {
                AfterLooking = null;
                await meanwhile();
            }

            return page;
        }

        public override async IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, [EnumeratorCancellation] CancellationToken cancel)
        {
            if (query.Streams is not null && BeforeReading is { } meanwhile)
            {
                BeforeReading = null;
                await meanwhile();
            }

            await foreach (var window in base.Follow(query, cancel))
            {
                if (query is { Streams: null, Kinds: [ConversationEntity.Kind] } && CutsOff)
                {
                    CutsOff = false;
                    yield return window with { Rows = [], Reset = true };
                    yield break;
                }

                yield return window;
            }
        }
    }
}
