using System.Text;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Conversations;
using Agora.Journal;
using Agora.Outbound;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Conversations;

/// <summary>What else happens while an agent is asked for a run: its process dies and another asks again, or it is blocked.</summary>
public sealed class AskedAgentTests
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(30);

    /// <summary>Nothing follows that reply: whoever only listened would wait until the time is over.</summary>
    [Fact]
    public async Task A_request_that_another_process_says_again_behind_its_reply_ends_with_that_reply_at_once()
    {
        await using var talk = await Talk.Among("asks", "worker");
        var call = Call();
        var first = Caller(talk).Call(Tenant.Default, "worker", call, Within, null, CancellationToken.None);
        var request = await talk.NextMessage("worker");
        (await talk.Post("worker", $"/conversations/{request.GetProperty("conversation_id").GetString()}/messages", $$"""{"content":"done","reply_to":"{{request.GetProperty("message_id").GetString()}}"}""")).Expect(201);
        var output = Assert.IsType<OutboundResult.Succeeded>(await first.WaitAsync(AtOnce)).Body;

        var again = await Caller(talk).Call(Tenant.Default, "worker", call, Within, null, CancellationToken.None).WaitAsync(AtOnce);

        Assert.Equal(("\"done\"", "\"done\""), (Encoding.UTF8.GetString(output.Span), Encoding.UTF8.GetString(Assert.IsType<OutboundResult.Succeeded>(again).Body.Span)));
    }

    [Fact]
    public async Task An_agent_that_blocks_whoever_runs_it_while_their_conversation_is_opened_is_not_asked()
    {
        await using var talk = await Talk.Among("asks", "worker");
        var entities = new MeanwhileEntities(talk.Api.Services.GetRequiredService<IEntities>());
        entities.AfterBlocksOf["worker"] = async () => (await talk.Api.Client.Send(HttpMethod.Put, "/agent/blocks/asks", talk.Key("worker"))).Expect(200);

        var refused = Assert.IsType<OutboundResult.Failed>(await Caller(talk, entities).Call(Tenant.Default, "worker", Call(), Within, null, CancellationToken.None).WaitAsync(AtOnce));

        Assert.Equal((OutboundFailure.BadStatus, 403), (refused.Kind, refused.Status));
        Assert.DoesNotContain((await talk.Inbox("worker")).Told, told => told.StartsWith("asks:", StringComparison.Ordinal));
    }

    private static ServiceCall Call() => new("words", "user-1", "asks", "{}"u8.ToArray(), Guid.CreateVersion7(), Within);

    /// <summary>That of a process of its own.</summary>
    private static AgentCaller Caller(Talk talk, IEntities? entities = null)
    {
        var services = talk.Api.Services;
        var log = services.GetRequiredService<ConversationLog>();
        return new(entities ?? services.GetRequiredService<IEntities>(), new(services.GetRequiredService<IFeed>(), log, TimeProvider.System), log, TimeProvider.System);
    }
}
