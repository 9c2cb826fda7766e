using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Payments;
using Agora.Core.Services;
using Agora.Core.Upstreams;
using Agora.Core.Users;
using Agora.Core.Webhooks;
using Agora.Grains.Clocks;
using Agora.Grains.Kernel;
using Agora.Grains.Payments;
using Agora.Grains.Services;
using Agora.Grains.Upstreams;
using Agora.Grains.Users;
using Agora.Grains.Webhooks;
using Agora.Journal;

namespace Agora.Grains;

/// <summary>Who does what the product's entities want done outside. A new kind of call is its record in Core, and one line here.</summary>
public static class OutsideHandlers
{
    /// <param name="tables">Where the users at whom an agent has live sessions are found.</param>
    /// <param name="facilitator">Null: payments by x402 are not taken here.</param>
    /// <param name="teller">Null: no endpoint is told anything here.</param>
    /// <param name="inboxes">Null: no agent is told its inbox here.</param>
    /// <param name="lists">Null: no upstream is called here.</param>
    public static IReadOnlyList<OutsideHandler> All(EntityCalls calls, ITables tables, IServiceCaller services, TenantTimes times, IFacilitator? facilitator = null, Teller? teller = null, UpstreamLists? lists = null, InboxTeller? inboxes = null) =>
        All(calls, tables, new CachedCaller(services, calls, times), times, facilitator, teller, lists, inboxes);

    private static IReadOnlyList<OutsideHandler> All(EntityCalls calls, ITables tables, CachedCaller services, TenantTimes times, IFacilitator? facilitator, Teller? teller, UpstreamLists? lists, InboxTeller? inboxes) =>
    [
        OutsideHandler.Of<ServiceCall>(ServiceCall.Outside, (call, context) => services.Call(Core.Kernel.Tenant.Of(context.From), call, context.Trace)),
        OutsideHandler.Of<ServiceCancel>(ServiceCancel.Outside, async (cancelled, context) =>
        {
            await services.Cancel(Core.Kernel.Tenant.Of(context.From), cancelled, context.Trace);
            return new StepOutcome.Unreachable(); // nobody asks
        }),
        OutsideHandler.Of<VerifyCall>(VerifyCall.Outside, async (call, context) =>
            Core.Kernel.Tenant.Of(context.From).IsTest ? PlayFacilitator.Verify(FacilitatorCall.Of(call.Payment, context.Trace))
            : facilitator is null ? new VerifyOutcome.Unknown(FacilitatorDoubt.NotAsked) : await facilitator.Verify(FacilitatorCall.Of(call.Payment, context.Trace))),
        OutsideHandler.Of<SettleCall>(SettleCall.Outside, async (call, context) =>
            Core.Kernel.Tenant.Of(context.From).IsTest ? PlayFacilitator.Settle(FacilitatorCall.Of(call.Payment, context.Trace))
            : facilitator is null ? new SettleOutcome.Unknown(FacilitatorDoubt.NotAsked) : await facilitator.Settle(FacilitatorCall.Of(call.Payment, context.Trace), call.AttemptedBefore)),
        OutsideHandler.Of<EachUser>(EachUser.Outside, new UsersOfAgent(calls, tables, times).Tell),
        OutsideHandler.Of<WebhookWindow>(WebhookWindow.Outside, async (call, context) => teller is null ? new StepOutcome.Unreachable() : await teller.Window(call, context)),
        OutsideHandler.Of<WebhookSend>(WebhookSend.Outside, async (call, context) => teller is null ? new StepOutcome.Unreachable() : await teller.Send(call, context)),
        OutsideHandler.Of<UpstreamList>(UpstreamList.Outside, (call, context) => lists is null ? Idle(call.Pause, times.World, context.Ending) : lists.List(call, context)),
        OutsideHandler.Of<WebhookSubject>(WebhookSubject.Outside, async (call, context) => teller is null ? new StepOutcome.Unreachable() : await teller.Subject(call, context)),
        OutsideHandler.Of<WebhookInbox>(WebhookInbox.Outside, (call, context) => inboxes is null ? Idle(call.Pause, times.World, context.Ending) : inboxes.Tell(call, context)),
    ];

    // After the pause all the same: whoever asks asks again at once.
    private static async Task<StepOutcome> Idle(TimeSpan pause, TimeProvider time, CancellationToken ending)
    {
        await Task.Delay(pause, time, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new StepOutcome.Unreachable();
    }

    public static StepRunner Runner(Entities entities, ITables tables, IServiceCaller services, TenantTimes times, IFacilitator? facilitator = null, Teller? teller = null, UpstreamLists? lists = null, InboxTeller? inboxes = null)
    {
        var calls = new EntityCalls(entities, times.World);
        return new(calls, All(calls, tables, services, times, facilitator, teller, lists, inboxes), times.World);
    }
}
