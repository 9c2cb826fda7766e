using Agora.Core.Access;
using Agora.Core.Kernel;
using RunDecision = Agora.Core.Kernel.Decision<Agora.Core.Runs.Leaf, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Runs;

/// <summary>An agent asks for a service to be run.</summary>
internal static class RequestingService
{
    /// <summary>In order of precedence; the campaign's own conditions come later, from the campaign. Null: the run may begin.</summary>
    public static Rejection? Refusal(Leaf leaf, RunCommand.RunService c, DateTimeOffset now)
    {
        if (c.Service is not { } service) return RunRejection.ServiceNotFound(c.ServiceId);
        if (c is { NamedCampaignId: { } named, NamedFound: false }) return RunRejection.CampaignNotFound(named);
        if (!leaf.Scopes.AdmitsCategory(service.Category)) return AccessRejection.OutOfScope("category", service.Category);
        if (service.Agent is { } agent && (agent == leaf.AgentId || leaf.Path.Any(node => node.AgentId == agent))) return RunRejection.AgentAbove;
        if (c.Request.Violations is { Count: > 0 } details) return AccessRejection.Invalid(details);
        if (service.IsModel != c.Model is not null) return service.IsModel ? RunRejection.IsAModel : RunRejection.IsNoModel;
        if (service.Disabled) return RunRejection.ServiceDisabled;
        if (Duplicate(leaf, c, now) is { } first) return RunRejection.Duplicate(first.RunId, c.Request.Policy.DuplicateWindowSeconds);
        if (c.NamedRelated) return RunRejection.RelatedSponsor;
        var held = c.HeldMicros!.Value;
        if (c.Model is not null && held > service.PriceMicros) return RunRejection.AboveCallPrice(held, service.PriceMicros);
        if (c is { Model: not null, Waited: false } && leaf.Room.IsUsed(now) && held > leaf.Budget.Remaining - leaf.Room.Wanted(now))
        {
            return RunRejection.OverBudget(leaf.SessionId, held, Math.Max(0, leaf.Budget.Remaining - leaf.Room.Wanted(now)));
        }

        if (!leaf.Budget.CanReserve(held) && Approving.RefusalBeyond(leaf, c, held) is { } beyond) return beyond;
        if (c.Model is { } model && leaf.ModelUse.Refusal(leaf.Scopes.Models, leaf.SessionId, model.Tokens, now) is { } noTokens) return noTokens;
        if (c.MaxPriceMicros is { } max && (held > max || IsUnpayable(service, held))) return RunRejection.AboveMaxPrice(service.PriceMicros, max);
        if (c.Unpaid is { } unpaid && held > 0) return unpaid;
        return leaf.IsCrowded ? RunRejection.TooManyRuns : null;
    }

    public static RunDecision Begin(Leaf leaf, RunCommand.RunService c, Context context)
    {
        var service = c.Service!;
        var (held, own) = (c.HeldMicros!.Value, MayPayItself(c));
        if (!leaf.Budget.CanReserve(held)) return Approving.AskBeyond(leaf, c, own, context);

        var guess = AskingFund.Guess(leaf, c, held);
        var wallet = own && c.Candidates.Count == 0 && held > 0 && c.Model is not { Charges: false } ? c.Paid?.Identity.WalletId ?? leaf.OwnWallet : null;
        var requested = new RunEvent.Requested(
            context.CommandId, context.NewId(1), service.ServiceId, held, service.Provider, service.Owner, InputHash: "",
            context.Now + Limits.RunVoidedAfter, c.Request.Line(200, context), guess is null && wallet is null ? null : context.NewId(2), guess, service.Metered,
            wallet, own, c.Model is { Charges: false } ? 0 : c.Request.Policy.FeeBasisPoints, Category: service.Category, HoldsAbove: RunHolds.NewSeed(leaf, context), Asked: service.Asked, Model: c.Model, Cache: c.Paid is null ? c.Cache : null)
        {
            SealedHash = c.InputHash.Length == 0 ? null : Personal.Of(c.InputHash),
        };
        return Beginning.Begin(leaf, requested, c.Candidates, c.NamedCampaignId is not null, c.Input, context, c.Paid, once: service.Once || service.Asked);
    }

    // Whoever spends the agent's own says how much it may be.
    private static bool MayPayItself(RunCommand.RunService c) => c is { PayWith: null, NamedCampaignId: null, MaxPriceMicros: not null } or { PayWith: PayWith.Wallet } or { Paid: not null };

    // Free is what has no price: a metered run that may cost nothing would be served with no fund, and past the user's approval.
    private static bool IsUnpayable(ServiceTerms service, long held) => held == 0 && service.PriceMicros > 0;

    // Whoever takes the output of an equal run says that there may be one.
    private static RecentInput? Duplicate(Leaf leaf, RunCommand.RunService c, DateTimeOffset now) => c.Keyed || c.Cache is not null
        ? null
        : leaf.Inputs.Find(c.ServiceId, c.InputHash, now - TimeSpan.FromSeconds(c.Request.Policy.DuplicateWindowSeconds));
}
