using System.Globalization;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Api.Tests.Lists;

/// <summary>Rows of tables as entities would have written them, in numbers that no test could make by runs.</summary>
internal static class Rows
{
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A run that was paid, so many seconds after the start.</summary>
    public static OwnedUpsert Paid(int number, int seconds, string tenant = "default", params (string Column, object? Value)[] changed) => Of(
        RunTables.Runs,
        $"{tenant}/session/s-{number}",
        [
            ("tenant", tenant), ("run_id", RunId(number)), ("session_id", $"s-{number}"), ("user_id", "user-1"), ("agent_id", "agent-1"), ("service_id", "summary"), ("campaign_id", "survey"),
            ("state", "succeeded"), ("amount_micros", 250_000L), ("payment_id", PaymentId(number)), ("payer", "Acme"), ("source", "sponsor"), ("status", "posted"), ("why", "It pays."),
            ("requested_at", At(seconds)), ("settled_at", At(seconds)), ("operation", "run_service"), ("endpoint", "POST /agent/services/{service_id}/run"), ("request_summary", ""),
            ("response_status", 200L), ("related_party", 0L), ("provider", "text-provider"), ("payer_id", "survey"), ("fee_micros", 0L), .. changed,
        ]);

    public static OwnedUpsert Session(int number, int seconds, params (string Column, object? Value)[] changed) => Of(
        UserTables.Sessions,
        "default/user/user-1",
        [
            ("tenant", "default"), ("session_id", $"s-{number:D4}"), ("user_id", "user-1"), ("agent_id", "agent-1"), ("budget_limit_micros", 1_000_000L), ("created_at", At(seconds)),
            ("expires_at", At(seconds + 3_600)), ("depth", 1L), .. changed,
        ]);

    public static OwnedUpsert Completion(int number, int seconds, params (string Column, object? Value)[] changed) => Of(
        UserTables.Completions,
        "default/user/user-1",
        [
            ("tenant", "default"), ("completion_id", RunId(number)), ("campaign_id", "survey"), ("user_id", "user-1"), ("session_id", "s-1"), ("agent_id", "agent-1"), ("execution_mode", "agent"),
            ("completed_at", At(seconds)), ("consents", "[]"), ("consent_valid", 1L), ("output_command", RunId(number)), .. changed,
        ]);

    public static OwnedUpsert Approval(int number, int seconds, params (string Column, object? Value)[] changed) => Of(
        RunTables.Approvals,
        "default/session/s-1",
        [
            ("tenant", "default"), ("run_id", RunId(number)), ("session_id", "s-1"), ("user_id", "user-1"), ("agent_id", "agent-1"), ("service_id", "summary"), ("payee", "text-provider"),
            ("max_amount_micros", 250_000L), ("state", "pending"), ("requested_at", At(seconds)), ("expires_at", At(1_000_000)), .. changed,
        ]);

    /// <summary>A call of a model, so many seconds after the start.</summary>
    public static OwnedUpsert ModelCall(int number, int seconds, params (string Column, object? Value)[] changed) => Of(
        RunTables.ModelCalls,
        $"default/session/s-{number}",
        [
            ("tenant", "default"), ("run_id", RunId(number)), ("session_id", $"s-{number}"), ("user_id", "user-1"), ("agent_id", "agent-1"), ("service_id", "house-model"), ("prices", 1L),
            ("held_micros", 40_000L), ("cost_micros", 10_000L), ("over_micros", 0L), ("is_estimate", 0L), ("input", 60L), ("cache_read", 30L), ("cache_write", 6L), ("cache_write_long", 4L), ("input_audio", 0L),
            ("output", 50L), ("reasoning", 20L), ("output_audio", 0L), ("first_ms", 100L), ("took_ms", 1_000L), ("ended_at", At(seconds)), .. changed,
        ]);

    /// <summary>A call that was no run.</summary>
    public static OwnedUpsert Called(int number, int seconds, params (string Column, object? Value)[] changed) => Of(
        SessionTables.Audit,
        "default/session/s-1",
        [
            ("tenant", "default"), ("audit_id", CallId(number)), ("session_id", "s-1"), ("operation", "find_services"), ("endpoint", "GET /agent/services"), ("request_summary", ""),
            ("response_status", 200L), ("created_at", At(seconds)), ("agent_id", "agent-1"), ("user_id", "user-1"), .. changed,
        ]);

    public static OwnedUpsert Refused(int number, int seconds, params (string Column, object? Value)[] changed) => Of(
        RefusalRows.Refusals,
        $"default/session/s-{number}",
        [
            ("tenant", "default"), ("refusal_id", RunId(number)), ("session_id", $"s-{number}"), ("user_id", "user-1"), ("agent_id", "agent-1"), ("operation", "run_service"), ("service_id", "summary"),
            ("provider", "text-provider"), ("code", "budget_exceeded"), ("limit_name", "daily_cap"), ("node_kind", "user"), ("node_id", "user-1"), ("asked_micros", 250_000L), ("free_micros", 0L),
            ("refused_at", At(seconds)), .. changed,
        ]);

    /// <summary>What a conversation counted on a day.</summary>
    public static OwnedUpsert TalkDay(string conversationId, DateTimeOffset day, int messages) => Of(
        ConversationTables.Days,
        $"default/conversation/{conversationId}",
        [("tenant", "default"), ("day", DayCount.DayOf(day)), ("conversation_id", conversationId), ("messages", (long)messages), ("delivered", 0L), ("dead", 0L)]);

    public static OwnedUpsert Refund(int number, string tenant, long refundedMicros) => Of(
        RefundTables.Refunded,
        $"{tenant}/payment/{PaymentId(number)}",
        [("tenant", tenant), ("payment_id", PaymentId(number)), ("refunded_micros", refundedMicros), ("updated_at", At(number))]);

    public static OwnedUpsert Outline(int number, string tenant, string task) => Of(
        UserTables.TaskOutlines,
        $"{tenant}/user/user-1",
        [("tenant", tenant), ("completion_id", RunId(number)), ("task_name", task), ("details", "{}")]);

    public static OwnedUpsert User(int number, int seconds) => Of(
        UserTables.Users, $"default/user/u-{number:D6}", [("tenant", "default"), ("user_id", $"u-{number:D6}"), ("has_profile", 1L), ("erased", 0L), ("updated_at", At(seconds)), ("paused", 0L)]);

    public static string CallId(int number) => $"00000000-0000-7000-8800-{number:D12}";

    public static string RunId(int number) => $"00000000-0000-7000-8000-{number:D12}";

    public static string PaymentId(int number) => $"00000000-0000-7000-9000-{number:D12}";

    public static string Time(int seconds) => Start.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static long At(int seconds) => Start.AddSeconds(seconds).ToMicros();

    private static OwnedUpsert Of(Table table, string stream, IEnumerable<(string Column, object? Value)> values)
    {
        var known = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (column, value) in values) known[column] = value;
        return new(stream, 1, new(TableShapes.Of(table), [.. table.Columns.Select(column => known.GetValueOrDefault(column))]));
    }
}
