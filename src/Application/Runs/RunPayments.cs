using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Payments;
using Agora.Core.Runs;
using Agora.Core.Wallets;
using Agora.Grains.Clocks;
using Agora.X402;

namespace Agora.Application.Runs;

/// <summary>
/// Runs that are paid by x402: what a request brings is read and held against what is asked for, a payment that was presented
/// before is found, and what the reply says of it is put together. Nothing here decides anything about money.
/// </summary>
internal sealed class RunPayments(RunSettings settings, IEntities entities, SessionCalls sessions, IJournalReader journal, IPersonalTexts texts, TenantTimes times)
{
    /// <summary>Payments by x402 go to one address, whose money is the default tenant's. For tests they go nowhere.</summary>
    private PaymentTerms? TermsFor(Tenant tenant) => tenant.IsTest ? PaymentTerms.Play : tenant.IsDefault ? settings.X402 : null;

    /// <summary>The caller with what is wrong about the payment. The payment is null if nothing of this request, nor of its reply, is about x402.</summary>
    public (AgentCaller Caller, RunPayment? Payment) Read(AgentCaller caller, ServiceEntry? service, StartRun start)
    {
        var (request, brought) = (start.Request, start.Payment);
        var asks = brought.IsThere || request.PayWith == PayWith.X402;
        if (!asks && (TermsFor(caller.Tenant) is null || request is not { PayWith: null, CampaignId: null, MaxPriceMicros: not null }))
        {
            return (caller, null);
        }

        if (TermsFor(caller.Tenant) is not { } terms)
        {
            return (caller.Violating(new Detail(brought.IsThere ? PaymentBrought.Header : "/pay_with", "not", "Payments by x402 are not taken here.")), null);
        }

        if (brought.IsThere)
        {
            caller = caller.Violating([.. Demanded(request)]);
        }

        if (!PaymentReader.TryRead([.. brought.Signature], [.. brought.XPayment], out var payment, out var fault) && !fault.IsRead)
        {
            return (caller.Malformed(PaymentRejection.Of(fault)), null);
        }

        var price = service?.Terms.HeldFor(request.MaxPriceMicros) ?? 0;
        var resource = new PaidResource(brought.Address, service?.Definition.Description ?? "", MediaTypes.Json);
        var read = new RunPayment(terms.For(price), resource, payment?.Version ?? 2) { IsEnough = price <= request.MaxPriceMicros, Unpaid = fault is null ? null : PaymentRejection.Of(fault) };
        return (caller, asks ? Held(read, payment, terms, brought) : read);
    }

    /// <summary>With the request's hash in its user's key, because it stays in the payer's wallet: by the hash alone the request could be guessed.</summary>
    public async Task<RunPayment?> Coded(AgentCaller caller, RunPayment? payment, CancellationToken cancel)
    {
        if (payment?.Paid is not { } paid || caller.IsWrong || await sessions.User(caller) is not { } user) return payment;

        return payment with { Paid = paid with { RequestHash = await texts.Code(caller.Tenant, user, paid.RequestHash, cancel) } };
    }

    /// <summary>What became of this payment when it was presented before. The payer's wallet is asked, where payments stay known after keys are forgotten. Null if it was not presented before.</summary>
    public async Task<Answer?> Find(AgentCaller caller, RunPayment? payment, PaymentBrought brought, CancellationToken cancel)
    {
        if (payment?.Paid is not { } paid || caller.IsWrong || !await journal.IsKnown(caller.Tenant.Wallet(paid.Identity.WalletId), cancel))
        {
            return null;
        }

        var found = await Find(caller, paid);
        if (found.Rejection is not null)
        {
            // Presented to a release that kept the plain hash, at most a day and a bit ago.
            found = await Find(caller, paid with { RequestHash = brought.RequestHash() }) is { Rejection: null } formerly ? formerly : found;
        }

        return found switch
        {
            { Reply: PaymentFound { Owner: null } } => null,
            { Reply: PaymentFound { Owner: { } owner } } when owner != caller.Tenant.Session(caller.SessionId).ToString() => Answer.No(PaymentRejection.IdentifierTaken),
            _ => found,
        };
    }

    private Task<Answer> Find(AgentCaller caller, PresentedPayment paid) => entities.In(caller.Tenant).Wallet(paid.Identity.WalletId).Send(
        new WalletCommand.FindPayment(WalletState.KeyOf(paid.Identity), paid.Fingerprint, paid.RequestHash, paid.Payment.PaymentId), Commands.Fresh(times.Of(caller.Tenant)));

    private static IEnumerable<Detail> Demanded(RunRequest request)
    {
        if (request.PayWith is not (null or PayWith.X402))
        {
            yield return new("/pay_with", "const", "The request brings a payment by x402: leave pay_with out, or say x402.");
        }

        if (request.CampaignId is not null)
        {
            yield return new("/campaign_id", "not", "A campaign pays as a sponsor only, and the request brings a payment by x402.");
        }

        if (request is { HasMaxPrice: false, PayWith: not PayWith.X402 })
        {
            yield return new("/max_price_cents", "required", "Whoever pays by x402 says how much it may be at most.");
        }
    }

    private static RunPayment Held(RunPayment read, X402.Payment? payment, PaymentTerms terms, PaymentBrought brought)
    {
        var unpaid = read.Unpaid ?? (read.Requirements is null ? PaymentRejection.NotPayable : payment is null ? PaymentRejection.Required : PaymentChecks.Place(payment, terms));
        return unpaid is not null
            ? read with { Unpaid = unpaid }
            : read with { Paid = new(payment!, read.Requirements!, read.Resource, payment!.FingerprintUnder(terms), brought.RequestHash()) };
    }
}

/// <summary>What one request for a run has to do with x402.</summary>
/// <param name="Requirements">Null if the price cannot be paid by x402.</param>
/// <param name="Version">Of the payment that the request brings, or 2 if it brings none.</param>
internal sealed record RunPayment(PaymentRequirements? Requirements, PaidResource Resource, int Version)
{
    /// <summary>The most that the request says it may cost is enough. If it is not, the caller is not shown how to pay.</summary>
    public bool IsEnough { get; init; }

    /// <summary>The payment that the request brings, of the right place.</summary>
    public PresentedPayment? Paid { get; init; }

    /// <summary>Why there is none, though the request asks for x402.</summary>
    public Rejection? Unpaid { get; init; }

    /// <summary>A refusal for want of payment says how the run can be paid, and what became of the payment that there was.</summary>
    public PaymentSaid? Of(Rejection rejection)
    {
        if (rejection.Code != Codes.PaymentRequired) return null;

        var why = rejection.FactOf(PaymentRejection.ErrorFact);
        var required = IsEnough && Requirements is { } price ? new PaymentRequired(why ?? rejection.Message, Resource, [price]) : null;
        var response = Paid is { } paid
            ? new PaymentResponse(false, "", paid.Requirements.Network, paid.Payment.Authorization.From, ErrorReason: why ?? rejection.Code) : null;
        return required is null && response is null ? null : new(required, response, Version);
    }

    /// <summary>Null if nothing has moved.</summary>
    public static PaymentSaid? Of(PaymentSettlement? settlement, int version) => settlement is null ? null : new(
        null,
        new(true, settlement.Transaction, settlement.Network, settlement.Payer, System.Numerics.BigInteger.Parse(settlement.Amount, System.Globalization.CultureInfo.InvariantCulture)),
        version);
}
