using Agora.Application.Chats;
using Agora.Application.Models;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Access;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Chats;

/// <summary>What people think of replies, with what was said and replied: as NDJSON it is what a model is judged or trained by.</summary>
internal sealed class FeedbackEndpoints(OperatorLists lists, ChatBooks books, KeptReplies kept) : IFeature
{
    public static readonly Operation<ListRequest> List = new(Audience.Operators, "list_chat_feedback", "GET /admin/chats/feedback", "What people think of models' replies, with what was said and what would have been right, newest first")
    {
        Least = Role.Admin, // words that people said to models
        Owners = Role.User,
        Read = static call => ListRequest.Read(call, static filters => filters
            .Id("user_id", "Only of this user.").Text("agent_id", "Only of this agent; of one that others delegated to, all on the path, root first, with > between.").OneOf("thumb", "Only these.", ChatRated.Thumbs).Times("rated_at")),
        IsList = true,
        Data = typeof(FeedbacksData),
        DataExample = $$"""{"feedback":[{{FeedbackRowData.Example}}],"total_count":1,"total_count_unknown":null,"limit":50,"has_more":false,"next_cursor":null,"empty_because":null}""",
    };

    private static readonly ListTable Table = new(ChatTables.Feedback, "rated_at", "user_id", "agent_id", "thumb");
    private static readonly IReadOnlyList<string> Untrusted = ["data.feedback[].text", "data.feedback[].correction", "data.feedback[].said", "data.feedback[].instructions", "data.feedback[].replied"];

    public void Map(Routes routes) => routes.Map(List, ListFeedback);

    private async Task<Reply> ListFeedback(OperatorCall call, ListRequest asked)
    {
        var source = new ListSource<FeedbackRowData>(Table, (_, rows, cancel) => Read(call.Tenant, rows, cancel), ListReasons.NoFeedback);
        return await lists.Answer(call, List, asked, source, static feedback => new FeedbacksData(feedback)) with { UntrustedFields = Untrusted };
    }

    /// <summary>A deleted chat is shown to nobody; of an erased user there is nothing to read.</summary>
    private async Task<IReadOnlyList<FeedbackRowData>> Read(Tenant tenant, IReadOnlyList<NamedRow> rows, CancellationToken cancel)
    {
        var read = new List<FeedbackRowData>();
        foreach (var row in rows)
        {
            var (userId, chatId) = (row.Text("user_id"), Guid.ParseExact(row.Text("chat_id"), "N"));
            if (await books.Of(tenant, userId, chatId, cancel) is not { } book || book.Turn((int)row.Number("turn")) is not { Words: not null, Rated: { } rated } turn)
            {
                continue;
            }

            read.Add(new(
                chatId.ToString("D"), turn.Number, userId, book.AgentId, turn.Reply.Model, rated.At, ChatTables.ThumbOf(rated.Thumb), rated.Words?.Text, rated.Words?.Correction, turn.Words.Instructions, turn.Words.Text,
                await turn.ReplyText(kept, tenant, userId, book.AgentId, cancel)));
        }

        return read;
    }
}

internal sealed record FeedbacksData(IReadOnlyList<FeedbackRowData> Feedback) : ListData;

/// <param name="Model">That replied.</param>
/// <param name="Text">Why, in words; null: it is not said.</param>
/// <param name="Correction">What would have been right; null: it is not said.</param>
/// <param name="Said">By the person, in this turn.</param>
/// <param name="Replied">Null: nothing of it is kept.</param>
internal sealed record FeedbackRowData(
    string ChatId, int Turn, string UserId, string AgentId, string Model, DateTimeOffset RatedAt, string Thumb, string? Text, string? Correction, string? Instructions, string Said, string? Replied)
{
    public const string Example = """{"chat_id":"0198c0de-0000-7000-8000-000000000001","turn":1,"user_id":"user-1","agent_id":"agent-1","model":"fast","rated_at":"2030-01-01T00:00:00.000000Z","thumb":"down","text":"Too short.","correction":"Begin at Kasuga Taisha at nine.","instructions":null,"said":"Plan a trip to Nara.","replied":"Begin at Kasuga Taisha."}""";
}
