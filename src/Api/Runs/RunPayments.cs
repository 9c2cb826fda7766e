using Agora.Api.Http;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Payments;
using Agora.Core.Runs;
using Agora.Core.Wallets;
using Agora.X402;

namespace Agora.Api.Runs;

/// <summary>
/// Runs that are paid by x402, at the edge: what a request brings is read and held against what is asked for, a payment that was presented
/// before is found, and what the answer says of it is put together. Nothing here decides anything about money.
/// </summary>
internal sealed class RunPayments(ApiOptions options, IEntities entities, IJournalReader journal, IPersonalTexts texts)
{
    private const string MimeType = "application/json";

    /// <summary>Payments by x402 go to one address, whose money is the default tenant's; for tests they go nowhere.</summary>
    private PaymentTerms? TermsFor(Tenant tenant) => tenant.IsTest ? PaymentTerms.Play : tenant.IsDefault ? options.X402 : null;

    /// <summary>Null: nothing of this request is about x402, and nothing of its answer will be.</summary>
    public RunPayment? Read(AgentCall call, ServiceEntry? service, RunRequest request)
    {
        var (signature, xPayment) = (call.Header(PaymentHeader.Signature), call.Header(PaymentHeader.XPayment));
        var presents = signature.Count + xPayment.Count > 0;
        var asks = presents || request.PayWith == PayWith.X402;
        if (!asks && (TermsFor(call.Tenant) is null || request is not { PayWith: null, CampaignId: null, MaxPriceMicros: not null })) return null;

        if (TermsFor(call.Tenant) is not { } terms)
        {
            call.Findings.Violate(presents ? PaymentHeader.Signature : "/pay_with", "not", "Payments by x402 are not taken here.");
            return null;
        }

        if (presents)
        {
            Demand(call, request);
        }

        if (!PaymentReader.TryRead([.. signature], [.. xPayment], out var payment, out var fault) && !fault.IsRead)
        {
            call.Findings.Malform(PaymentRejection.Of(fault));
            return null;
        }

        var price = service?.Terms.HeldFor(request.MaxPriceMicros) ?? 0;
        var resource = new PaidResource(call.Address, service?.Definition.Description ?? "", MimeType);
        var read = new RunPayment(terms.For(price), resource, payment?.Version ?? 2) { IsEnough = price <= request.MaxPriceMicros, Unpaid = fault is null ? null : PaymentRejection.Of(fault) };
        return asks ? Held(call, read, payment, terms) : read;
    }

    /// <summary>With the request's hash in its user's key: in the payer's wallet, where it stays, nobody can guess at the request by it.</summary>
    public async Task<RunPayment?> Coded(AgentCall call, RunPayment? payment)
    {
        if (payment?.Paid is not { } paid || call.Findings.Refusal is not null || await call.User() is not { } user) return payment;

        return payment with { Paid = paid with { RequestHash = await texts.Code(call.Tenant, user, paid.RequestHash, call.Cancel) } };
    }

    /// <summary>What became of this payment when it was presented before. It is asked of the payer's wallet, where payments stay known after keys are forgotten.</summary>
    public async Task<Answer?> Find(AgentCall call, RunPayment? payment)
    {
        if (payment?.Paid is not { } paid || call.Findings.Refusal is not null || !await journal.IsKnown(call.Tenant.Wallet(paid.Identity.WalletId), call.Cancel))
        {
            return null;
        }

        var found = await Find(call, paid);
        if (found.Rejection is not null)
        {
            // Presented to a release that kept the plain hash, at most a day and a bit ago.
            found = await Find(call, paid with { RequestHash = call.RequestHash }) is { Rejection: null } formerly ? formerly : found;
        }

        return found switch
        {
            { Reply: PaymentFound { Owner: null } } => null,
            { Reply: PaymentFound { Owner: { } owner } } when owner != call.Tenant.Session(call.SessionId).ToString() => Answer.No(PaymentRejection.IdentifierTaken),
            _ => found,
        };
    }

    private Task<Answer> Find(AgentCall call, PresentedPayment paid) => entities.In(call.Tenant).Wallet(paid.Identity.WalletId).Send(
        new WalletCommand.FindPayment(WalletState.KeyOf(paid.Identity), paid.Fingerprint, paid.RequestHash, paid.Payment.PaymentId), call.Fresh());

    private static void Demand(AgentCall call, RunRequest request)
    {
        if (request.PayWith is not (null or PayWith.X402))
        {
            call.Body.Violate("pay_with", "const", "The request brings a payment by x402: leave pay_with out, or say x402.");
        }

        if (request.CampaignId is not null)
        {
            call.Body.Violate("campaign_id", "not", "A campaign pays as a sponsor only, and the request brings a payment by x402.");
        }

        if (request is { MaxPriceMicros: null, PayWith: not PayWith.X402 } && !call.Body.IsPresent("max_price_cents"))
        {
            call.Body.Violate("max_price_cents", "required", "Whoever pays by x402 says how much it may be at most.");
        }
    }

    private static RunPayment Held(AgentCall call, RunPayment read, X402.Payment? payment, PaymentTerms terms)
    {
        var unpaid = read.Unpaid ?? (read.Requirements is null ? PaymentRejection.NotPayable : payment is null ? PaymentRejection.Required : PaymentChecks.Place(payment, terms));
        return unpaid is not null
            ? read with { Unpaid = unpaid }
            : read with { Paid = new(payment!, read.Requirements!, read.Resource, payment!.FingerprintUnder(terms), call.RequestHash) };
    }
}

/// <summary>What one request for a run has to do with x402.</summary>
/// <param name="Requirements">Null: the price cannot be paid so.</param>
/// <param name="Version">Of the payment that it brings; 2 where it brings none.</param>
internal sealed record RunPayment(PaymentRequirements? Requirements, PaidResource Resource, int Version)
{
    /// <summary>The most that the request says it may cost is; else nobody is shown how to pay.</summary>
    public bool IsEnough { get; init; }

    /// <summary>The payment that the request brings, of the right place.</summary>
    public PresentedPayment? Paid { get; init; }

    /// <summary>Why there is none, though the request asks for x402.</summary>
    public Rejection? Unpaid { get; init; }

    /// <summary>A refusal for want of payment says how the run can be paid, and what became of the payment that there was.</summary>
    public PaymentHeader? Of(Rejection rejection)
    {
        if (rejection.Code != Codes.PaymentRequired) return null;

        var why = rejection.FactOf(PaymentRejection.ErrorFact);
        var required = IsEnough && Requirements is { } price ? new PaymentRequired(why ?? rejection.Message, Resource, [price]) : null;
        var response = Paid is { } paid
            ? new PaymentResponse(false, "", paid.Requirements.Network, paid.Payment.Authorization.From, ErrorReason: why ?? rejection.Code) : null;
        return required is null && response is null ? null : new(required, response, Version);
    }

    /// <summary>Null where nothing has moved.</summary>
    public static PaymentHeader? Of(PaymentSettlement? settlement, int version) => settlement is null ? null : new(
        null,
        new(true, settlement.Transaction, settlement.Network, settlement.Payer, System.Numerics.BigInteger.Parse(settlement.Amount, System.Globalization.CultureInfo.InvariantCulture)),
        version);
}
