using System.Diagnostics;
using Agora.Application.Chats;
using Agora.Application.Values;
using Agora.Core.Chats;
using Agora.Models;

namespace Agora.Api.Chats;

/// <summary>A chat of a list.</summary>
/// <param name="Title">The beginning of what was said first; null: the user's data were erased.</param>
internal sealed record ChatListedData(string ChatId, string? Title, int Turns, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static ChatListedData Of(ChatLine chat) => new(chat.ChatId.ToString("D"), chat.Title, chat.Turns, chat.CreatedAt, chat.UpdatedAt);
}

internal sealed record ChatsData(IReadOnlyList<ChatListedData> Chats, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit)
{
    public const string Example = """{"chats":[{"chat_id":"0198c0de-0000-7000-8000-000000000001","title":"Plan a trip to Nara.","turns":2,"created_at":"2030-01-01T00:00:00.000000Z","updated_at":"2030-01-01T00:01:00.000000Z"}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""";
}

/// <summary>Turns of a chat, in the order in which they were said.</summary>
internal sealed record ChatData(string ChatId, DateTimeOffset CreatedAt, IReadOnlyList<ChatTurnData> Turns, int TotalCount, int Offset, int Limit)
{
    public const string Example = $$"""{"chat_id":"0198c0de-0000-7000-8000-000000000001","created_at":"2030-01-01T00:00:00.000000Z","turns":[{{ChatTurnData.Example}}],"total_count":1,"offset":0,"limit":50}""";

    public static readonly IReadOnlyList<string> Untrusted = ["data.turns[].text", "data.turns[].instructions", "data.turns[].reply.text", "data.turns[].reply.reasoning", "data.turns[].reply.failure.message"];
}

/// <summary>A turn with its reply.</summary>
/// <param name="After">The turn that it follows; 0: none.</param>
/// <param name="Repeats">The turn whose words it says again; null: its own.</param>
/// <param name="Siblings">Turns at the same place, this one among them: each begins a branch of its own.</param>
/// <param name="Text">Null: the user's data were erased.</param>
/// <param name="Attachments">Hashes of files that went with it.</param>
/// <param name="Model">As it was asked for.</param>
/// <param name="Feedback">Null: nobody has said anything of the reply.</param>
/// <param name="Sentiment">How what was said sounds; null: nobody was asked.</param>
internal sealed record ChatTurnData(
    string ChatId, int Turn, int After, int? Repeats, IReadOnlyList<int> Siblings, DateTimeOffset SaidAt, string? Text, string? Instructions, IReadOnlyList<string> Attachments, string Model, ChatReplyData Reply, ChatFeedbackData? Feedback, ChatSentimentData? Sentiment)
{
    public const string Example = $$"""{"chat_id":"0198c0de-0000-7000-8000-000000000001","turn":1,"after":0,"repeats":null,"siblings":[1],"said_at":"2030-01-01T00:00:00.000000Z","text":"Plan a trip to Nara.","instructions":null,"attachments":[],"model":"router","reply":{{ChatReplyData.Example}},"feedback":null,"sentiment":{{ChatSentimentData.Example}}}""";

    public static readonly IReadOnlyList<string> Untrusted = ["data.text", "data.instructions", "data.reply.text", "data.reply.reasoning", "data.reply.failure.message"];

    public static ChatTurnData Of(TurnNow now)
    {
        var (book, turn) = (now.Book, now.Turn);
        return new(
            book.ChatId.ToString("D"), turn.Number, turn.After, turn.Repeats, [.. book.Turns.Where(other => other.After == turn.After).Select(static other => other.Number)], turn.At, turn.Words?.Text, turn.Words?.Instructions,
            turn.Words?.Attachments ?? [], turn.Model, ChatReplyData.Of(now.Reply), turn.Rated is { } rated ? new(ChatTables.ThumbOf(rated.Thumb), rated.Words?.Text, rated.Words?.Correction, rated.At) : null, ChatSentimentData.Of(now.Sentiment));
    }
}

internal sealed record ChatFeedbackData(string Thumb, string? Text, string? Correction, DateTimeOffset At);

/// <summary>What a model replied.</summary>
/// <param name="RunId">Null: it was replied elsewhere.</param>
/// <param name="Model">The model that was called; of what was replied elsewhere the one that is told, or where it was.</param>
/// <param name="Route">Why this one; null: it was asked for.</param>
/// <param name="State">under_way, whole, stopped, failed; imported: it was replied elsewhere, and costs nothing here.</param>
/// <param name="Text">As far as it is there; null: nothing is kept of it any more.</param>
/// <param name="Reasoning">What the model thought before, as far as it shows that; null: nothing.</param>
/// <param name="Finish">Why it ended: stop, length, content_filter, refusal; null: it goes on, or did not end by itself.</param>
/// <param name="CostCents">Null: it is not paid yet.</param>
/// <param name="ContextFrom">The first turn of the branch that the model read word for word; 0: none.</param>
/// <param name="Memories">Of the user, those that it read, by their ids.</param>
/// <param name="Summary">What it read of the turns before that, in short; null: nothing.</param>
/// <param name="Preferences">The version of the user's preferences that it read; null: none.</param>
internal sealed record ChatReplyData(
    string? RunId, string Model, string? Route, string State, string? Text, string? Reasoning, string? Finish, ChatFailureData? Failure, Cents? CostCents, bool IsEstimate, long? InputTokens, long? OutputTokens, int ContextFrom, ChatSummaryData? Summary, IReadOnlyList<string> Memories, int? Preferences)
{
    public const string Example = """{"run_id":"0198c0de-0000-7000-8000-000000000002","model":"fast","route":"router, rule 2: no rule before it fits","state":"whole","text":"Begin at Kasuga Taisha.","reasoning":null,"finish":"stop","failure":null,"cost_cents":0.2,"is_estimate":false,"input_tokens":14,"output_tokens":6,"context_from":0,"summary":null,"memories":[],"preferences":2}""";

    public static IReadOnlyList<string> States { get; } = [.. Enum.GetValues<ReplyState>().Select(StateOf)];

    public static ChatReplyData Of(ReplyNow reply) => new(
        reply.RunId?.ToString("D"), reply.Model, reply.Route, StateOf(reply.State), reply.Text, reply.Reasoning, FinishOf(reply.Finish), ChatFailureData.Of(reply.Failure), Cost(reply.CostMicros), reply.IsEstimate,
        reply.InputTokens, reply.OutputTokens, reply.From, reply.Summary is { } summary ? new(summary.UpTo, summary.RunId.ToString("D"), Cost(summary.CostMicros)) : null, [.. reply.Memories.Select(static id => id.ToString("D"))], reply.Preferences);

    public static string StateOf(ReplyState state) => state switch
    {
        ReplyState.UnderWay => "under_way",
        ReplyState.Whole => "whole",
        ReplyState.Stopped => "stopped",
        ReplyState.Failed => "failed",
        ReplyState.Imported => "imported",
        _ => throw new UnreachableException(state.ToString()),
    };

    public static Cents? Cost(long? micros) => micros is { } paid ? new(paid) : null;

    public static IReadOnlyList<string> Finishes { get; } = [.. Enum.GetValues<Finish>().Select(static finish => FinishOf(finish)).OfType<string>()];

    public static string? FinishOf(Finish? finish) => finish switch
    {
        Agora.Models.Finish.Stop => "stop",
        Agora.Models.Finish.Length => "length",
        Agora.Models.Finish.ToolCalls => "tool_calls",
        Agora.Models.Finish.ContentFilter => "content_filter",
        Agora.Models.Finish.Refusal => "refusal",
        _ => null,
    };
}

/// <param name="UpTo">Of the branch, the last turn of which it says what was said.</param>
/// <param name="RunId">The call that made it, with its bill.</param>
internal sealed record ChatSummaryData(int UpTo, string RunId, Cents? CostCents);

internal sealed record ChatFailureData(string Code, string Message)
{
    public static ChatFailureData? Of(ReplyFailure? failure) => failure is null ? null : new(failure.Code, failure.Message);
}

internal sealed record ChatDeletedData(string ChatId);

/// <summary>How what was said sounds.</summary>
/// <param name="Label">positive, neutral, negative; null: it was not judged.</param>
/// <param name="Score">From -1 to 1.</param>
/// <param name="RunId">Null: no run was begun.</param>
/// <param name="CostCents">Null: it is not paid.</param>
/// <param name="Failure">Why it was not judged; null: it was.</param>
internal sealed record ChatSentimentData(string ServiceId, string? Label, decimal? Score, string? RunId, Cents? CostCents, ChatFailureData? Failure)
{
    public static ChatSentimentData? Of(SentimentNow? now) => now is null ? null
        : new(now.ServiceId, now.Label, now.Score, now.RunId?.ToString("D"), ChatReplyData.Cost(now.CostMicros), ChatFailureData.Of(now.Failure));

    public const string Example = """{"service_id":"mood","label":"negative","score":-0.7,"run_id":"0198c0de-0000-7000-8000-000000000007","cost_cents":0.75,"failure":null}""";
}
