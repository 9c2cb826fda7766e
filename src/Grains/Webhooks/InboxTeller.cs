using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Webhooks;
using Agora.Grains.Clocks;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Grains.Webhooks;

/// <summary>
/// Tells agents their inboxes: looks for the next page, or posts the one that was found. Who may act no more is told nothing: before each try the credential is looked at with which the agent asked for it.
/// </summary>
/// <param name="post">Null: nothing is posted here.</param>
public sealed class InboxTeller(Entities entities, IInboxPages pages, IWebhookPost? post, TenantTimes times)
{
    private const string CutOff = "What stood at its cursor is gone: read the inbox from its first entry.";

    private readonly TimeProvider _world = times.World;

    private readonly Posting _posting = new(entities, post, times);

    private readonly FairPlaces _posts = new(Limits.InboxPostsAtOnce);

    public async Task<StepOutcome> Tell(WebhookInbox call, OutsideContext context)
    {
        var (tenant, agentId) = (Tenant.Of(context.From), InboxWebhooks.AgentOf(context.From.Id));
        try
        {
            await Task.Delay(call.Pause, _world, context.Ending);
            if (!call.IsDue) return new WebhookOutcome.Looked(call.After, IsPage: false);
            if (call.Page is { } page) return await SendOneOfFew(call.By, page, tenant, agentId, context);

            return await pages.Look(tenant, agentId, call.After, Limits.WebhookPatience, context.Ending) is { } look
                ? new WebhookOutcome.Looked(look.Next, look.IsPage)
                : new WebhookOutcome.InboxOver(CutOff);
        }
        catch (Exception e) when (e is JournalUnavailableException or OperatingException || (e is OperationCanceledException && context.Ending.IsCancellationRequested))
        {
            return new StepOutcome.Unreachable();
        }
    }

    /// <summary>Bounds the posts that wait for slow receivers. A post without a place is tried again after <see cref="Limits.WebhookRest"/>, and does not count as a failure of its receiver.</summary>
    private async Task<StepOutcome> SendOneOfFew(string by, PendingPage page, Tenant tenant, string agentId, OutsideContext context)
    {
        using var place = _posts.Take(new(tenant.Name, agentId));
        return place is null ? new StepOutcome.Unreachable() : await Send(by, page, tenant, agentId, context);
    }

    private async Task<StepOutcome> Send(string by, PendingPage page, Tenant tenant, string agentId, OutsideContext context)
    {
        if (await Refusal(by, tenant, agentId, context) is { } refused) return new WebhookOutcome.InboxOver(refused);
        if (await pages.Read(tenant, agentId, page.From, page.UpTo, context.Ending) is not { } text) return new WebhookOutcome.InboxOver(CutOff);

        var at = times.Now(tenant);
        if (text.Body is not { } body) return new WebhookOutcome.PageSent(at, null, null);

        return await _posting.Post(context, page.EventId, body, new(page.EventId)) is { } sent ? new WebhookOutcome.PageSent(at, sent.Status, sent.Error)
            : new StepOutcome.Unreachable(); // it was put otherwise meanwhile
    }

    /// <summary>Why the agent may not act any more as it did when it asked for this; null: it may.</summary>
    private async Task<string?> Refusal(string by, Tenant tenant, string agentId, OutsideContext context)
    {
        foreach (var credential in by.Split(' '))
        {
            if (await RefusalOf(credential, tenant, agentId, context) is { } refused) return refused;
        }

        return null;
    }

    private async Task<string?> RefusalOf(string by, Tenant tenant, string agentId, OutsideContext context)
    {
        var own = $"agent:{agentId}:";
        var session = by.StartsWith(own, StringComparison.Ordinal) ? null : await entities.In(tenant).Session(by).Send(new SessionCommand.Peek(), _posting.Asked(context));
        var isLive = session is null || (session.Reply is SessionView view && view.Refusal(times.Now(tenant)) is null);
        if (!isLive) return "The session is over or suspended.";

        var standing = await entities.In(tenant).Agent(agentId).Send(new AgentCommand.GetStanding(session is null ? by[own.Length..] : null), _posting.Asked(context));
        return standing.Reply is AgentStanding { Refused: var why } ? why : standing.Rejection!.Message;
    }
}
