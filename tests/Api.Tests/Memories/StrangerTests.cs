using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Application.Memories;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Grains.Memories;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Memories;

/// <summary>Whoever is not the same agent of the same user in the same tenant, and tries.</summary>
public sealed class StrangerTests
{
    private const string Secret = "Drinks tea from the blue cup.";

    public static TheoryData<string> Strangers => ["another agent", "another user", "another agent's sub-session for the agent", "another tenant", "the tenant for tests"];

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task A_stranger_sees_finds_changes_and_erases_nothing_not_found(string who)
    {
        await using var world = await MemoryWorld.Start();
        var owner = await world.Open();
        var (id, pinned) = (await world.Kept(owner, Secret), await world.Kept(owner, "Drinks tea at five.", pinned: true));
        var stranger = await Stranger(world, who);

        var listed = (await world.List(stranger)).Expect(200);
        Assert.Equal((0, 0), (listed.Data.GetProperty("total_count").GetInt32(), listed.Data.GetProperty("memories").GetArrayLength()));
        Assert.Empty(await world.Found(stranger, "tea blue cup", model: null));
        if (!who.Contains("tenant", StringComparison.Ordinal))
        {
            var searched = (await world.Search(stranger, "What does the user drink?")).Expect(200);
            Assert.Equal((0, 0), (searched.Data.GetProperty("memories").GetArrayLength(), searched.Data.GetProperty("not_compared").GetInt32()));
        }

        foreach (var memory in new[] { id, pinned })
        {
            (await world.Get(stranger, memory)).Refused(404, Codes.NotFound);
            (await world.Edit(stranger, memory, "Overwritten.", model: null)).Refused(404, Codes.NotFound);
            (await world.Edit(stranger, memory, Secret, pinned: true, model: null)).Refused(404, Codes.NotFound);
            (await world.Forget(stranger, memory)).Refused(404, Codes.NotFound);
        }

        var own = await world.Kept(stranger, "Drinks coffee.", model: null);
        Assert.Equal(["Drinks coffee."], MemoryWorld.Texts(await world.List(stranger)));
        (await world.Get(owner, own)).Refused(404, Codes.NotFound);
        Assert.Equal(["Drinks tea at five.", Secret], MemoryWorld.Texts(await world.List(owner)));
        Assert.Equal(["Drinks tea at five.", Secret], await world.Found(owner, "What does the user drink?"));
    }

    [Fact]
    public async Task Ids_that_nobody_has_kept_bring_nothing_to_life()
    {
        var store = new Agora.Journal.Memory.MemoryJournal(TimeProvider.System);
        Tenants.SeenEntities seen = null!;
        await using var world = await MemoryWorld.Start(store, edge: entities => seen = new(entities));
        var session = await world.Open();
        foreach (var id in new[] { Guid.NewGuid().ToString(), "x", "0" })
        {
            (await world.Get(session, id)).Refused(404, Codes.NotFound);
            (await world.Edit(session, id, "a", model: null)).Refused(404, Codes.NotFound);
            (await world.Forget(session, id)).Refused(404, Codes.NotFound);
        }

        Assert.Empty(await world.Found(session, "anything", model: null));
        Assert.DoesNotContain(seen.Asked, stream => stream.Kind == Kinds.Memory);
        Assert.Empty(await store.Streams("default/memory/", null, 10, CancellationToken.None));
    }

    [Fact]
    public async Task Of_an_erased_user_nothing_is_left_to_be_read_also_by_who_had_read_it_before()
    {
        var store = new Agora.Journal.Memory.MemoryJournal(TimeProvider.System);
        await using var world = await MemoryWorld.Start(store);
        var session = await world.Open();
        var id = await world.Kept(session, Secret);
        var others = await world.Open(user: "bob");
        await world.Kept(others, "Drinks tea, too.");
        var (search, log) = (world.Models.Api.Services.GetRequiredService<IMemorySearch>(), world.Models.Api.Services.GetRequiredService<MemoryLog>());
        var owner = new MemoryOwner(Tenant.Default, "agent-1", "ann");
        var kept = (await search.Find(owner, Guid.Parse(id), CancellationToken.None))!;
        Assert.Equal(Secret, (await log.Content(owner.Book(0), kept.Seq, kept.MemoryId, CancellationToken.None))!.Text);

        (await world.Client.Admin(HttpMethod.Delete, "/admin/users/ann/personal-data")).Expect(200);

        Assert.Equal(401, (await world.List(session)).Status);
        Assert.Null(await search.Find(owner, kept.MemoryId, CancellationToken.None));
        Assert.Equal(0, (await search.List(owner, false, 0, 10, CancellationToken.None)).Total);
        Assert.Empty((await search.ByWords(owner, "tea", 10, CancellationToken.None)).Best);
        Assert.Empty((await search.Nearest(owner, MemoryWorld.Model, Search.Direction.Of([.. MemoryWorld.VectorOf("tea")])!, 10, CancellationToken.None)).Best);
        Assert.Null(await log.Content(owner.Book(0), kept.Seq, kept.MemoryId, CancellationToken.None));
        using var anew = new MemoryIndex(log);
        Assert.Equal(0, (await anew.List(owner, false, 0, 10, CancellationToken.None)).Total);
        Assert.Equal(["Drinks tea, too."], await world.Found(others, "drink"));
    }

    internal static async Task<ModelSession> Stranger(MemoryWorld world, string who)
    {
        switch (who)
        {
            case "another agent":
                return await world.Open(agent: "agent-2");
            case "another user":
                return await world.Open(user: "bob");
            case "another tenant":
                return await world.Models.Open(user: "ann", platform: RunningApi.SecondPlatformKey);
            case "the tenant for tests":
                return await world.Models.Open(user: "ann", platform: RunningApi.TestPlatformKey);
            default:
                var parent = await world.Open(agent: "agent-2");
                var below = (await world.Client.Post("/agent/session/delegate", parent.Token, """{"agent_id":"agent-1"}""")).Expect(201).Data;
                return new(below.GetProperty("token").GetString()!, below.GetProperty("session_id").GetString()!);
        }
    }
}
