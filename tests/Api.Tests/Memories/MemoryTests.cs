using System.Text;
using System.Text.Json;
using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Journal.Memory;

namespace Agora.Api.Tests.Memories;

/// <summary>What an agent keeps about its user: kept, listed, edited, erased, and found by what it means or by its words.</summary>
public sealed class MemoryTests
{
    private const string Tea = "Drinks tea, no milk.", Violin = "Plays the violin.", Oslo = "Lives in Oslo.";

    [Fact]
    public async Task A_memory_is_kept_listed_edited_and_erased_from_any_session_of_its_agent_and_user()
    {
        await using var world = await MemoryWorld.Start();
        var first = await world.Open();
        var (tea, violin) = (await world.Kept(first, Tea), await world.Kept(first, Violin, pinned: true));
        var session = await world.Open();

        Assert.Equal([Violin, Tea], MemoryWorld.Texts((await world.List(session)).Expect(200)));
        Assert.Equal([Violin], MemoryWorld.Texts((await world.List(session, "?pinned=true")).Expect(200)));
        var second = (await world.List(session, "?offset=1&limit=1")).Expect(200);
        Assert.Equal((Tea, 2), (MemoryWorld.Texts(second).Single(), second.Data.GetProperty("total_count").GetInt32()));
        Assert.Equal(["data.memories[].text"], second.Json.GetProperty("untrusted_fields").EnumerateArray().Select(field => field.GetString()));

        var got = (await world.Get(session, tea)).Expect(200).Data;
        Assert.Equal((Tea, false, MemoryWorld.Model), (got.GetProperty("text").GetString(), got.GetProperty("pinned").GetBoolean(), got.GetProperty("model").GetString()));
        Assert.Equal(got.GetProperty("created_at").GetString(), got.GetProperty("updated_at").GetString());

        var edited = (await world.Edit(session, tea, "Drinks coffee.", pinned: true, model: null)).Expect(200).Data;
        Assert.Equal((JsonValueKind.Null, true), (edited.GetProperty("run_id").ValueKind, edited.GetProperty("memory").GetProperty("pinned").GetBoolean()));
        got = (await world.Get(session, tea)).Expect(200).Data;
        Assert.Equal(("Drinks coffee.", true, JsonValueKind.Null), (got.GetProperty("text").GetString(), got.GetProperty("pinned").GetBoolean(), got.GetProperty("model").ValueKind));
        Assert.NotEqual(got.GetProperty("created_at").GetString(), got.GetProperty("updated_at").GetString());
        Assert.Equal(["Plays the violin.", "Drinks coffee."], MemoryWorld.Texts(await world.List(session, "?pinned=true")));

        Assert.Equal(tea, (await world.Forget(session, tea)).Expect(200).Data.GetProperty("memory_id").GetString());
        (await world.Get(session, tea)).Refused(404, Codes.NotFound);
        (await world.Edit(session, tea, Tea)).Refused(404, Codes.NotFound);
        (await world.Forget(session, tea)).Refused(404, Codes.NotFound);
        Assert.Equal([Violin], MemoryWorld.Texts(await world.List(first)));
        Assert.Equal([Violin], await world.Found(first, "What does the user drink?"));
        Assert.Equal([Violin], await world.Found(first, "drinks coffee tea", model: null));
        Assert.NotEqual(tea, violin);
    }

    [Fact]
    public async Task A_search_finds_what_means_the_same_the_pinned_first_and_is_a_run_that_is_paid()
    {
        await using var world = await MemoryWorld.Start();
        var session = await world.Open();
        foreach (var text in new[] { Tea, Violin, "Likes music." }) await world.Kept(session, text);
        await world.Kept(session, Oslo, pinned: true);
        await world.Kept(session, "Is left-handed.", model: null);
        await world.Kept(session, "Reads of music.", model: "others");
        var (spent, _) = await world.Models.Budget(session);

        var searched = (await world.Search(session, "Which music does the user like?", limit: 2)).Expect(200);

        Assert.Equal([Oslo, "Likes music.", Violin], MemoryWorld.Found(searched).Take(1).Concat(MemoryWorld.Found(searched).Skip(1).Order(StringComparer.Ordinal)));
        Assert.Equal(JsonValueKind.Null, searched.Data.GetProperty("memories")[0].GetProperty("score").ValueKind);
        Assert.Equal([1, 1], searched.Data.GetProperty("memories").EnumerateArray().Skip(1).Select(one => one.GetProperty("score").GetDouble()));
        Assert.Equal(2, searched.Data.GetProperty("not_compared").GetInt32());
        Assert.Equal(["data.memories[].memory.text"], searched.Json.GetProperty("untrusted_fields").EnumerateArray().Select(field => field.GetString()));

        var cost = ModelWorld.Micros(searched.Data.GetProperty("cost_cents"));
        Assert.True(cost > 0);
        Assert.Equal((spent + cost, 0L), await world.Models.Budget(session));
        var run = await world.Models.Concluded(session, searched.Data.GetProperty("run_id").GetGuid());
        Assert.False(run.Model!.IsEstimate);
        var listed = (await world.Client.Get($"/agent/runs/{searched.Data.GetProperty("run_id").GetString()}", session.Token)).Expect(200).Data;
        Assert.Equal(MemoryWorld.Model, listed.GetProperty("service_id").GetString());
        await world.Models.NothingIsHeld(session);
    }

    [Fact]
    public async Task Without_a_model_memories_are_found_by_their_words_and_nothing_is_asked_or_paid()
    {
        await using var world = await MemoryWorld.Start();
        var session = await world.Open();
        foreach (var text in new[] { Tea, Violin, Oslo }) await world.Kept(session, text, model: null);

        var found = (await world.Search(session, "violins", model: null)).Expect(200);
        Assert.Equal([Violin], MemoryWorld.Found(found));
        Assert.Equal(JsonValueKind.Null, found.Data.GetProperty("run_id").ValueKind);

        // What comes behind the index is found, too.
        var late = await world.Kept(session, "Owns two violins.", model: null);
        await world.Kept(session, "Teaches the violin.", pinned: true, model: null);
        Assert.Equal(["Teaches the violin.", "Owns two violins.", Violin], (await world.Found(session, "violin", model: null)).Take(1).Concat((await world.Found(session, "violin", model: null)).Skip(1).Order(StringComparer.Ordinal)));
        (await world.Edit(session, late, "Owns a bike.", model: null)).Expect(200);
        Assert.DoesNotContain("Owns two violins.", await world.Found(session, "violin", model: null));
        Assert.Equal(0, world.Models.Upstream.Requests);
        Assert.Equal((0L, 0L), await world.Models.Budget(session));
    }

    [Fact]
    public async Task An_edit_of_nothing_but_the_pin_asks_no_model()
    {
        await using var world = await MemoryWorld.Start();
        var session = await world.Open();
        var tea = await world.Kept(session, Tea);

        Assert.True((await world.Edit(session, tea, Tea, pinned: true)).Expect(200).Data.GetProperty("memory").GetProperty("pinned").GetBoolean());
        Assert.Equal(1, world.Models.Upstream.Requests);
        (await world.Edit(session, tea, Tea, pinned: true, model: "others")).Expect(200);
        Assert.Equal(2, world.Models.Upstream.Requests);
    }

    [Fact]
    public async Task The_same_key_keeps_once_pays_once_and_is_answered_alike()
    {
        await using var world = await MemoryWorld.Start();
        var session = await world.Open();

        var kept = (await world.Keep(session, Tea, key: "k")).Expect(201);
        var again = (await world.Keep(session, Tea, key: "k")).Expect(201);
        Assert.Equal((MemoryWorld.IdOf(kept), "true"), (MemoryWorld.IdOf(again), again.Header("Idempotent-Replayed")));
        (await world.Keep(session, Violin, key: "k")).Refused(409, Codes.IdempotencyConflict);
        Assert.Equal([Tea], MemoryWorld.Texts(await world.List(session)));
        Assert.Equal(1, world.Models.Upstream.Requests);

        (await world.Edit(session, MemoryWorld.IdOf(kept), Violin, key: "e")).Expect(200);
        Assert.Equal("true", (await world.Edit(session, MemoryWorld.IdOf(kept), Violin, key: "e")).Expect(200).Header("Idempotent-Replayed"));
        (await world.Search(session, "music", key: "s")).Expect(200);
        (await world.Search(session, "music", key: "s")).Refused(409, Codes.IdempotencyConflict);
        (await world.Forget(session, MemoryWorld.IdOf(kept), key: "f")).Expect(200);
        Assert.Equal("true", (await world.Forget(session, MemoryWorld.IdOf(kept), key: "f")).Expect(200).Header("Idempotent-Replayed"));
        (await world.Keep(session, Tea, key: "k")).Refused(404, Codes.NotFound);
        Assert.Equal(3, world.Models.Upstream.Requests);
    }

    [Fact]
    public async Task What_the_session_cannot_pay_is_neither_kept_nor_searched()
    {
        await using var world = await MemoryWorld.Start();
        var rich = await world.Open();
        var tea = await world.Kept(rich, Tea);
        var poor = await world.Open(budgetCents: "0.001");

        (await world.Keep(poor, Violin)).Refused(403, Codes.BudgetExceeded);
        (await world.Edit(poor, tea, Violin)).Refused(403, Codes.BudgetExceeded);
        (await world.Search(poor, Violin)).Refused(403, Codes.BudgetExceeded);
        Assert.Equal([Tea], MemoryWorld.Texts(await world.List(poor)));
        Assert.Equal(1, world.Models.Upstream.Requests);
        (await world.Keep(poor, Violin, model: null)).Expect(201);
    }

    [Theory]
    [MemberData(nameof(Store.Names), MemberType = typeof(Store))]
    public async Task A_process_that_is_started_anew_finds_them_again_and_another_beside_it_sees_what_came_since(string store)
    {
        await using var kept = await Store.Open(store);
        string tea;
        await using (var world = await MemoryWorld.Start(new OpenJournal(kept.Journal)))
        {
            var session = await world.Open();
            tea = await world.Kept(session, Tea);
            await world.Kept(session, Oslo, pinned: true);
            await world.Forget(session, await world.Kept(session, Violin));
        }

        await using var one = await MemoryWorld.Start(new OpenJournal(kept.Journal), isNew: false);
        await using var other = await MemoryWorld.Start(new OpenJournal(kept.Journal), isNew: false);
        var (here, there) = (await one.Open(), await other.Open());
        Assert.Equal([Oslo, Tea], await one.Found(here, "What does the user drink?"));
        Assert.Equal([Oslo, Tea], await other.Found(there, "What does the user drink?"));
        Assert.Equal([Tea], (await other.Found(there, "tea", model: null)).Skip(1));

        await one.Kept(here, Violin);
        (await one.Edit(here, tea, "Drinks coffee.")).Expect(200);
        Assert.Equal([Oslo, "Drinks coffee."], (await other.Found(there, "drink", limit: 1)));
        Assert.Equal([Violin], (await other.Found(there, "violin", model: null)).Skip(1));
        Assert.Equal(3, (await other.List(there)).Expect(200).Data.GetProperty("total_count").GetInt32());
    }

    [Fact]
    public async Task Neither_a_text_nor_its_vector_stands_in_the_store_in_clear()
    {
        var journal = new MemoryJournal(TimeProvider.System);
        await using var world = await MemoryWorld.Start(journal);
        var session = await world.Open();
        var id = await world.Kept(session, Tea);
        (await world.Edit(session, id, Violin)).Expect(200);

        var vector = Convert.ToBase64String(Search.Direction.Of([.. MemoryWorld.VectorOf(Tea)])!);
        foreach (var stream in await journal.Streams("default/", null, 1_000, CancellationToken.None))
        {
            foreach (var row in await journal.Read(stream, 0, 1_000, CancellationToken.None))
            {
                var body = Encoding.Latin1.GetString(row.Body.Span);
                Assert.DoesNotContain("milk", body, StringComparison.Ordinal);
                Assert.DoesNotContain("violin", body, StringComparison.Ordinal);
                Assert.DoesNotContain(vector, body, StringComparison.Ordinal);
            }
        }

        Assert.Single(await journal.Streams("default/memory/", null, 10, CancellationToken.None));
    }
}
