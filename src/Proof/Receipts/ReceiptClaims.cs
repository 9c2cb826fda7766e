using System.Buffers.Text;
using System.Text.Json;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Crypto;
using Agora.Journal;

namespace Agora.Proof.Receipts;

/// <summary>
/// What a receipt says of a payment. It follows from the event that decided the run and the row that holds it, so it is the same whoever asks,
/// and whenever. Persons appear by id only. It says that the output was valid against the service's schema, and nothing of what the output is worth.
/// </summary>
/// <param name="Iss">Who signs.</param>
/// <param name="Jti">The payment's id.</param>
/// <param name="Iat">When it was settled, seconds since the Unix epoch (RFC 7519).</param>
/// <param name="Sub">The agent that asked for the run.</param>
/// <param name="UserId">For whom.</param>
/// <param name="FeeMicros">Of the amount, what the platform keeps; the rest is the provider's.</param>
/// <param name="SchemaSha256">Of the task's schema by whose completion the campaign pays, in base64url.</param>
/// <param name="BudgetPath">Every limit that bound the run, from the session up.</param>
/// <param name="Output"><c>schema-valid</c>; <c>none</c> of a payment to another wallet, which runs no service and so has an empty <paramref name="ServiceId"/>.</param>
public sealed record ReceiptClaims(
    string Iss,
    string Jti,
    long Iat,
    string Sub,
    string UserId,
    string SessionId,
    string RunId,
    string ServiceId,
    string Provider,
    long AmountMicros,
    long FeeMicros,
    string Asset,
    string Source,
    PayerClaims PaidBy,
    string? SchemaSha256,
    IReadOnlyList<string> BudgetPath,
    bool RelatedParty,
    string RequestedAt,
    string SettledAt,
    string Output,
    RowClaims Row)
{
    public const string Type = "agora-receipt+jwt";

    /// <summary>Of play money: whoever verifies receipts of money takes none of this type.</summary>
    public const string TestType = "agora-test-receipt+jwt";
    private const string Test = "test";
    private const string SchemaValid = "schema-valid";
    private const string NoOutput = "none";

    /// <summary><c>test</c>: it was play money, of a tenant for tests. Absent: it was money.</summary>
    public string? Mode { get; init; }

    /// <summary>Of a service that is a skill: the agent that was chosen, and did it. Absent: none was chosen.</summary>
    public string? ServedBy { get; init; }

    /// <summary>The run whose output was the answer: no service was called for this one. Absent: it was.</summary>
    public string? CachedFrom { get; init; }

    internal static ReceiptClaims Of(string issuer, Paid paid, RunEvent.Concluded run, DateTimeOffset at, JournalRow row, int entry, int index)
    {
        var payment = run.Payment ?? throw new InvalidDataException($"{row.Stream} #{row.Seq}: a posted run has no payment.");
        return new(
            issuer,
            payment.PaymentId.ToString("D"),
            at.ToUnixTimeSeconds(),
            paid.AgentId,
            paid.UserId,
            StreamId.Parse(row.Stream).Id,
            run.RunId.ToString("D"),
            run.Run.ServiceId,
            run.Run.Provider,
            payment.AmountMicros,
            payment.FeeMicros,
            "USD",
            payment.Source,
            new(payment.PayerKind, payment.PayerId.Length == 0 ? null : payment.PayerId),
            payment.SchemaHash,
            payment.Nodes?.Split(' ') ?? [$"{Kinds.Session}/{StreamId.Parse(row.Stream).Id}"],
            payment.RelatedParty,
            ProofTime.Format(run.Run.RequestedAt),
            ProofTime.Format(at),
            run.Run.ServiceId.Length == 0 ? NoOutput : SchemaValid,
            new(row.Stream, row.Seq, Base64Url.EncodeToString(row.Hash.Span), entry, index))
        {
            Mode = Tenant.Of(StreamId.Parse(row.Stream)).IsTest ? Test : null,
            ServedBy = run.ServedBy,
            CachedFrom = run.Cached?.From.ToString("D"),
        };
    }

    public string Sign(Ed25519PrivateKey key) => Jws.Sign(Mode is null ? Type : TestType, JsonSerializer.SerializeToUtf8Bytes(this, ProofJson.Options), key);
}

/// <summary>Which fund paid; no id for a run that was free.</summary>
public sealed record PayerClaims(string Kind, string? Id);

/// <summary>Where it is written: row <paramref name="Seq"/> of the session's stream, and in it the event's place, from 0.</summary>
public sealed record RowClaims(string Stream, long Seq, string Hash, int Entry, int Event);

/// <summary>What the query tables know of a payment: where to look, and between whom it was.</summary>
public sealed record Paid(string Stream, long Seq, Guid RunId, string AgentId, string UserId);
