using System.Text;

namespace Agora.Journal.Tests;

/// <summary>Entries, rows and tables that tests speak of.</summary>
internal static class Samples
{
    public static readonly TableShape Runs = new("sample_runs", 2, ["tenant", "id", "state", "amount"]);

    /// <summary>The product's own table whose totals are kept.</summary>
    public static readonly TableShape Funds = new(
        "funds",
        3,
        ["tenant", "kind", "fund_id", "asset", "balance_micros", "held_micros", "entered_micros", "left_micros", "sent_micros", "received_micros", "updated_at"]);

    /// <summary>The product's own table whose sums are kept by the day.</summary>
    public static readonly TableShape Payments = new("runs", 2, [
        "tenant", "run_id", "session_id", "user_id", "agent_id", "service_id", "campaign_id", "state", "amount_micros", "payment_id", "requested_at", "settled_at",
        "operation", "endpoint", "request_summary", "response_status", "related_party", "provider"]);

    public static readonly TableShape Days = new("conversation_days", 3, ["tenant", "day", "conversation_id", "messages", "delivered", "dead"]);

    public static readonly TableShape Refunded = new("refunded_payments", 2, ["tenant", "payment_id", "refunded_micros", "updated_at"]);

    public static readonly SummedTable Summed = new(
        Payments, "payment_id", "settled_at", "amount_micros", Refunded, "refunded_micros",
        ["user_id", "agent_id", "campaign_id", "service_id"], new Dictionary<string, string>(StringComparer.Ordinal) { ["provider"] = "service_id" });

    public static TableUpsert Fund(string tenant, string id, long balance, long sent) => new(Funds, [tenant, "wallet", id, "USD", balance, 0L, balance + sent, 0L, sent, 0L, 1L]);

    public static JournalEntry Entry(string text, long atMicros = 1, int commandId = 0) =>
        new(Id(commandId), atMicros, Encoding.UTF8.GetBytes("why"), [new StoredEvent("sample.said", 1, Encoding.UTF8.GetBytes(text))]);

    public static PendingEntry Pending(string text, object? state = null, long atMicros = 1) =>
        new() { Entry = Entry(text, atMicros), State = state ?? text };

    public static Guid Id(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    public static ClientKey Key(string key, string stream = "s/1", long expiresMicros = 1_000) =>
        new("default", "agent-1", key, stream, Id(7), new byte[] { 1, 2, 3 }, expiresMicros);

    public static TableUpsert Run(string id, string state, long amount) => new(Runs, ["default", id, state, amount]);

    public static StreamAppend Append(string stream, StreamHead head, params JournalEntry[] entries)
    {
        var row = RowCodec.Next(stream, head, entries);
        return new StreamAppend(stream, head, row, entries[^1].AtMicros, [], [], null);
    }

    public static StreamAppend Check(string stream, StreamHead head) => new(stream, head, null, 0, [], [], null);

    public static StreamHead HeadAfter(StreamAppend append) => new(append.Row!.Seq, append.Row.Hash);

    /// <summary>What the events of these rows say, in order.</summary>
    public static IEnumerable<string> Said(IEnumerable<JournalRow> rows) =>
        rows.SelectMany(RowCodec.Decode).SelectMany(entry => entry.Events).Select(e => Encoding.UTF8.GetString(e.Payload.Span));
}
