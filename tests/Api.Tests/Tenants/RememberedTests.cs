using Agora.Api.Tests.Conversations;
using Agora.Api.Tests.Support;
using Agora.Application.Calls;
using Agora.Application.Memories;
using Agora.Application.Sessions;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Grains.Memories;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Tenants;

/// <summary>What a process has looked up for one tenant is no answer for another tenant that uses the same ids.</summary>
public sealed class RememberedTests : TwoTenants
{
    private SeenEntities _seen = null!;

    private protected override Task<RunningApi> Start() => RunningApi.Start(edge: entities => _seen = new(entities));

    [Fact]
    public async Task A_session_that_is_known_to_be_an_agents_is_not_that_of_an_agent_of_the_same_id_in_another_tenant()
    {
        var session = (await First.Open()).GetProperty("session_id").GetString()!;
        var owners = Api.Services.GetRequiredService<SessionOwners>();

        Assert.True(await owners.IsOf(First.Tenant, session, "agent-1", CancellationToken.None));
        Assert.False(await owners.IsOf(Second.Tenant, session, "agent-1", CancellationToken.None));
    }

    [Fact]
    public async Task A_conversation_that_was_found_in_one_tenant_is_looked_up_in_another_and_wakes_nothing_there()
    {
        await using var talk = await Talk.Of(Api, "a", "b");
        var id = await talk.Open("a", ["b"]);
        (await talk.Get("a", $"/conversations/{id}/messages")).Expect(200);
        await Second.Put("/admin/agents/a", "{}");
        var key = (await Second.Admin(HttpMethod.Post, "/admin/agents/a/keys", "{}")).Expect(201).Data.GetProperty("key").GetString()!;

        (await Api.Client.Send(HttpMethod.Get, $"/conversations/{id}/messages", key)).Refused(404, Codes.NotFound);

        Assert.Contains(Tenant.Default.Conversation(id), _seen.Asked);
        Assert.DoesNotContain(Second.Tenant.Conversation(id), _seen.Asked);
    }

    [Fact]
    public async Task An_inbox_that_is_kept_for_one_tenants_agent_tells_nothing_to_an_agent_of_the_same_id_in_another()
    {
        await using var talk = await Talk.Of(Api, "a", "b");
        await talk.Open("a", ["b"]);
        await talk.Told("b", 1);
        await Second.Put("/admin/agents/b", "{}");
        var key = (await Second.Admin(HttpMethod.Post, "/admin/agents/b/keys", "{}")).Expect(201).Data.GetProperty("key").GetString()!;

        var told = (await Api.Client.Send(HttpMethod.Get, "/agent/inbox", key)).Expect(200).Data;

        Assert.Empty(told.GetProperty("entries").EnumerateArray());
    }

    [Fact]
    public async Task Memories_that_were_read_for_one_tenants_user_are_not_those_of_the_same_user_in_another()
    {
        await Keep(First.Tenant, "Drinks tea.");
        using var index = new MemoryIndex(Api.Services.GetRequiredService<MemoryLog>());

        Assert.Equal(1, await Count(First.Tenant));
        Assert.Equal(0, await Count(Second.Tenant));

        async Task<int> Count(Tenant tenant) => (await index.List(Owner(tenant), false, 0, 10, CancellationToken.None)).Total;
    }

    [Fact]
    public async Task Preferences_that_were_read_for_one_tenants_user_leave_those_of_the_same_user_in_another_to_be_found()
    {
        var preferences = Api.Services.GetRequiredService<StoredPreferences>();
        for (var n = 0; n < 3; n++) await Prefer(First.Tenant, $"the first's, {n}");
        await Prefer(Second.Tenant, "the second's");

        Assert.Equal(3, (await preferences.Find(Owner(First.Tenant), CancellationToken.None))?.Version);
        Assert.Equal(1, (await preferences.Find(Owner(Second.Tenant), CancellationToken.None))?.Version);

        async Task Prefer(Tenant tenant, string about) => Assert.NotNull((await preferences.Put(Owner(tenant), new() { About = about }, Commands.Fresh(TimeProvider.System))).Put);
    }

    private async Task Keep(Tenant tenant, string text)
    {
        var book = Api.Services.GetRequiredService<IEntities>().In(tenant).Memory(Owner(tenant).Book(0).Id);
        var content = Personal.Of(new MemoryContent(text, [1, 2]));
        Assert.Null((await book.Send(new MemoryCommand.Keep(Guid.CreateVersion7(), false, content, "m", null), Commands.Fresh(TimeProvider.System))).Rejection);
    }

    private static MemoryOwner Owner(Tenant tenant) => new(tenant, "agent-1", "ann");
}
