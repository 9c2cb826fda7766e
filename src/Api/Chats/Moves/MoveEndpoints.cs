using Agora.Application.Moves;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Core.Moves;
using Agora.Web;

namespace Agora.Api.Chats.Moves;

/// <summary>
/// Users of an older chat move in while both run: what was said there is imported, as often as there is more of it; a user is on one side or the other; and a proxy in front of both asks where a session belongs. Nothing of it calls a
/// model or costs anything.
/// </summary>
internal sealed class MoveEndpoints(AgentMoves moves) : IFeature
{
    /// <summary>Of a cookie's value: no browser keeps a longer one.</summary>
    private const int CookieLength = 4_096;

    private static readonly Member OldSession = new("Agora-Old-Session", static () => Schemas.Meaning(new() { ["type"] = "string", ["maxLength"] = CookieLength }, "The value of the older chat's cookie, as it came. It opens nothing here."));

    public static readonly Operation<ImportRequest> Import = new(Audience.Agents, "import_chat", "POST /api/v2/chat/imports", "Have what was said in an older chat stand in a chat here: what is there already is not added again")
    {
        Read = ImportRequest.Read,
        MostBytes = Limits.ModelRequestBytes,
        Data = typeof(ImportData),
        Codes = [Codes.NotFound, Codes.ValidationFailed, Codes.PayloadTooLarge, Codes.NotEligible, Codes.PreconditionFailed, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"origin":"flask","origin_id":"kq8zVrTjWkq3sQ1dA0f5n0n7c0b1d2e3f4g5h6i7j8k","model":"router","turns":[{"text":"Plan a trip to Nara.","reply":"Begin at Kasuga Taisha."}]}""",
        DataExample = ImportData.Example,
    };

    public static readonly Operation<bool> Get = new(Audience.Agents, "get_side", "GET /api/v2/chat/side", "Whether the older chat or Agora owns what the user says")
    {
        Read = static _ => true,
        Data = typeof(SideData),
        DataExample = SideData.Example,
    };

    public static readonly Operation<SideRequest> Put = new(Audience.Agents, "put_side", "PUT /api/v2/chat/side", "Switch the user to a side, with all sessions of the older chat that are known")
    {
        Read = SideRequest.Read,
        Data = typeof(SideData),
        Codes = [Codes.ValidationFailed, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"side":"new"}""",
        DataExample = SideData.Example,
    };

    public static readonly Operation<bool> Where = new(Audience.Anyone, "where_session", "GET /agent/where", "Where a session of an older chat belongs, for a proxy in front of both")
    {
        Read = static _ => true,
        Data = typeof(WhereData),
        Codes = [Codes.ValidationFailed],
        Headers = [OldSession],
        AnswerHeaders = [AnswerHeaders.Moved],
        DataExample = WhereData.Example,
    };

    private static readonly Rejection TooLong = Findings.Invalid(OldSession.Name, "maxLength", "It is longer than a browser keeps a cookie.");

    public void Map(Routes routes) => routes.Map(Import, ImportChat).Map(Get, GetSide).Map(Put, PutSide).Map(Where, WhereIs);

    private async Task<Reply> ImportChat(AgentCall call, ImportRequest asked) => (await moves.Import(call.ForModels, asked)).Reply(static imported =>
        Reply.Ok(new ImportData(imported.ChatId.ToString("D"), imported.Known, imported.Added, imported.Differs, imported.Newest, imported.Turns)));

    private async Task<Reply> GetSide(AgentCall call, bool asked) => (await moves.Side(call.ForModels)).Reply(Shown);

    private async Task<Reply> PutSide(AgentCall call, SideRequest asked) => (await moves.Switch(call.ForModels, asked)).Reply(Shown);

    private static Reply Shown(MoveView view) => Reply.Ok(new SideData(view.Side, view.SwitchedAt, view.Sessions));

    /// <summary>Nobody is let in by it: each side asks for its own credential. What is not known, is signed wrongly or belongs to two at once is the old side's.</summary>
    private async Task<Reply> WhereIs(KeyCall call, bool asked)
    {
        var cookie = call.Header(OldSession.Name).ToString();
        if (cookie.Length > CookieLength) return Reply.Refused(TooLong);

        var side = cookie.Length > 0 && await moves.IsNew(call.Tenant, cookie, call.Cancel) ? MoveSides.New : MoveSides.Old;
        return Reply.Ok(new WhereData(side)) with { Headers = [(AnswerHeaders.Moved.Name, side)] };
    }
}
