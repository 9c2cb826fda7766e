using Agora.Core.Funds;
using Agora.Core.Kernel;

namespace Agora.Core.Wallets;

/// <summary>Why a wallet refuses, in order of precedence; whether an id can still be decided (<see cref="FundRejection"/>) comes before. Sentences are for agents and operators.</summary>
public static class WalletRejection
{
    public static Rejection DepositOutOfRange { get; } = Invalid("/amount_cents", "range", "The amount must be positive and leave the wallet with at most 100000000000 cents.");

    public static Rejection AmountOutOfRange { get; } = Invalid("/amount_cents", "range", "An amount must be more than 0 and at most 100000000000 cents.");

    public static Rejection NoPayee { get; } = Invalid("/to", "pattern", "This is no wallet's id.");

    public static Rejection PayeeIsPayer { get; } = Invalid("/to", "not", "A wallet cannot pay itself.");

    public static Rejection PayeeUnknown { get; } = new Rejection(Codes.NotFound, "There is no such wallet to pay.").With(Path, "/to");

    public static Rejection PayeeAway { get; } = new(Codes.Unavailable, "Too many transfers to this wallet have not arrived yet; nothing was paid.", RetryAfterSeconds: 1, Retry: true);

    public static Rejection Short(string walletId, long availableMicros, long askedMicros) => new Rejection(Codes.PaymentRequired, "The wallet has not enough that is not held.")
        .WithRaw("available_cents", Money.FormatCents(availableMicros)).With("limit", Balance).AtNode("wallet", walletId, Balance).Beyond(askedMicros, availableMicros);

    // What an operator says of a payment.

    public static Rejection PaymentNotKnown { get; } = new(Codes.NotFound, "The payer's wallet knows no such payment any more.");

    /// <param name="transaction">Empty or null where there is none, or none is known.</param>
    public static Rejection PaymentDecided(Guid runId, string state, string? transaction) => Contradicts("The payment has its end, and it is another one.", runId, state, transaction);

    /// <param name="runId">Whose payment it has moved.</param>
    public static Rejection TransactionOfAnother(Guid runId, string state, string transaction) =>
        Contradicts("This transaction has settled another payment of this payer, and settles no second one.", runId, state, transaction);

    public static Rejection MayMove(DateTimeOffset until, DateTimeOffset now) => new(
        Codes.Unavailable, "The payment's authorization can still be used: only when it is over can it be said that it was not.", RetryAfterSeconds: Math.Max(1, (int)(until - now).TotalSeconds + 1), Retry: true);

    private static Rejection Contradicts(string message, Guid runId, string state, string? transaction) => new Rejection(Codes.RunDecided, message)
        .With("run_id", runId.ToString("D")).With("state", state).With("tx_hash", transaction ?? "");

    /// <summary>The field that names what is not there.</summary>
    public const string Path = "path";

    private const string Balance = "balance";

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}
