using Agora.Contracts;
using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Grains.Webhooks;

namespace Agora.Grains.Tests.Webhooks;

/// <summary>How agents are told their inboxes where many are at once.</summary>
public sealed class InboxTellerTests
{
    private static readonly StreamId Webhook = new(StreamId.DefaultTenant, Kinds.Webhook, InboxWebhooks.IdOf("b"));

    [Fact]
    public async Task Pages_beyond_an_agents_share_of_those_that_a_process_posts_at_once_are_not_read_and_another_tenants_are()
    {
        var pages = new HeldPages();
        var entities = new Entities(null!, _ => Task.FromResult(new Envelope(Guid.NewGuid(), null, Answer.Of(new AgentStanding(null)))));
        var teller = new InboxTeller(entities, pages, null, new(entities, TimeProvider.System, alone: true));
        Task<StepOutcome> Tell(StreamId to) => teller.Tell(
            new("agent:b:key", "from", new("msg_1", "from", "to", 0, default, default), IsDue: true, TimeSpan.Zero), new(to, Guid.NewGuid(), null, static _ => { }, static () => { }));

        var held = Enumerable.Range(0, Limits.InboxPostsAtOnce).Select(_ => Tell(Webhook)).ToList();
        Assert.IsType<StepOutcome.Unreachable>(await Tell(Webhook));
        Assert.Equal(Limits.InboxPostsAtOnce / 3, pages.Reads);
        held.Add(Tell(new("other", Webhook.Kind, Webhook.Id)));
        Assert.Equal((Limits.InboxPostsAtOnce / 3) + 1, pages.Reads);
        pages.Go.SetResult();
        await Task.WhenAll(held);

        Assert.IsType<WebhookOutcome.PageSent>(await Tell(Webhook));
    }

    private sealed class HeldPages : IInboxPages
    {
        public TaskCompletionSource Go { get; } = new();

        public int Reads { get; private set; }

        public Task<InboxLook?> Look(Tenant tenant, string agentId, string after, TimeSpan patience, CancellationToken ending) => throw new NotSupportedException();

        public async Task<InboxPageText?> Read(Tenant tenant, string agentId, string from, string upTo, CancellationToken ending)
        {
            Reads++;
            await Go.Task;
            return new(null);
        }
    }
}
