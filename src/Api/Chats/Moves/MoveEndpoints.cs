using System.Globalization;
using System.Text;
using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Moves;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Web;

namespace Agora.Api.Chats.Moves;

/// <summary>
/// Users of an older chat move in while both run: what was said there is imported, as often as there is more of it; a user is on one side or the other; and a proxy in front of both asks where a session belongs. Nothing of it calls a
/// model or costs anything.
/// </summary>
internal sealed class MoveEndpoints(IEntities entities, ChatBooks books, ImportWalk walk, ModelCatalogue models, TableReader tables) : IFeature
{
    /// <summary>Somebody says something in the chat while it is imported: it is looked at again so often.</summary>
    private const int Looks = 5;

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

    private async Task<Reply> ImportChat(AgentCall call, ImportRequest asked)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return refused!;

        if (!asked.OnlyLooks && !models.Replies(call.Tenant, asked.Model!)) return Reply.Refused(RunRejection.IsNoModel); // nobody could go on in the chat

        var who = SessionPaths.Agents(session);
        var chatId = Ids.FromKey(call.Tenant.Name, $"chat.import\n{who}\n{session.UserId}", asked.OriginId!); // so many sessions are so many chats, whatever they are said to come from
        for (var look = 1; ; look++)
        {
            var book = await books.Find(call, session, chatId);
            if (asked.After != 0 && book?.Turn(asked.After) is null) return Reply.Refused(ChatRejection.NoTurn);
            if (look == 1 && !asked.OnlyLooks && await Know(call, session, asked.OriginId!) is { } tooMany) return Reply.Refused(tooMany);

            var (known, same) = await walk.Known(call, session, book, asked);
            var differs = book is { NewestImported: > 0 and var newest } && !same.Contains(newest) && book.Branch(asked.After).All(turn => turn.Number != newest);
            var isToAdd = known.Count < asked.Turns.Count && (!differs || asked.Branches);
            var (added, rejection) = !isToAdd ? (0, null) : asked.OnlyLooks ? (asked.Turns.Count - known.Count, null) : await Add(call, who, chatId, session, book, asked, known);
            if (rejection?.Code == Codes.PreconditionFailed && look < Looks) continue;
            if (rejection is not null) return Reply.Refused(rejection);
            if (asked is { OnlyLooks: false, HasMore: false } && known.Count + added == asked.Turns.Count)
            {
                await MoveOf(call, session).Send(new MoveCommand.Come(MoveIds.SessionOf(asked.OriginId!)), call.Fresh());
            }

            var before = book?.Turns.Count ?? 0;
            var isWritten = added > 0 && !asked.OnlyLooks;
            return Reply.Ok(new ImportData(chatId.ToString("D"), known, added, differs, isWritten ? before + added : book?.NewestImported ?? 0, isWritten ? before + added : before));
        }
    }

    /// <summary>Who has it first has it: whoever else knows its id would otherwise keep its user at the old side.</summary>
    private async Task<Rejection?> Know(AgentCall call, SessionView session, string id)
    {
        var (move, old) = (MoveOf(call, session), MoveIds.SessionOf(id));
        var rows = await tables.In(call.Tenant).First(MoveTables.Moves, [], [TableReader.Is("session", old)], 1, call.Cancel);
        if (rows is [var row] && (row.Text("user_id"), row.Text("agent")) != (session.UserId, OwnedIds.OwnOf(move.Stream.Id)))
        {
            return MoveRejection.IsAnothers;
        }

        return (await move.Send(new MoveCommand.Know(old), call.Fresh())).Rejection;
    }

    /// <summary>So many at a time as a row may hold; each time it is seen to that nothing was said meanwhile.</summary>
    private async Task<(int Added, Rejection? Rejection)> Add(AgentCall call, string who, Guid chatId, SessionView session, ChatBook? book, ImportRequest asked, IReadOnlyList<int> known)
    {
        var (before, added) = (book?.Turns.Count ?? 0, 0);
        if (before + asked.Turns.Count - known.Count > ChatLimits.Turns) return (0, ChatRejection.Full);

        var after = known.Count > 0 ? known[^1] : asked.After;
        foreach (var turns in AtOnce(asked.Turns.Skip(known.Count)))
        {
            var imported = turns.Select((turn, i) => new ChatImportedTurn(Ids.FromKey(call.Tenant.Name, $"chat.turn\n{chatId:N}", (before + added + i + 1).ToString(CultureInfo.InvariantCulture)), null, turn.At)).ToList();
            var words = Personal.Of<IReadOnlyList<ChatImportedWords>>([.. turns.Select(turn => new ChatImportedWords(turn.Text ?? "", turn.Reply, turn.Instructions, turn.Model ?? asked.Origin))]);
            var command = new ChatCommand.Import(who, before + added, after, asked.Model!, imported, words);
            var answer = await entities.In(call.Tenant).Chat(OwnedIds.Of(chatId, session.UserId)).Send(command, call.Fresh());
            if (answer.Rejection is { } rejection) return (added, rejection);

            added += turns.Count;
            after = before + added;
        }

        return (added, null);
    }

    private static IEnumerable<IReadOnlyList<ImportedTurn>> AtOnce(IEnumerable<ImportedTurn> turns)
    {
        var (some, bytes) = (new List<ImportedTurn>(), 0L);
        foreach (var turn in turns)
        {
            var more = Encoding.UTF8.GetByteCount(turn.Text ?? "") + Encoding.UTF8.GetByteCount(turn.Reply ?? "") + Encoding.UTF8.GetByteCount(turn.Instructions ?? "");
            if (some.Count > 0 && (some.Count == ChatLimits.ImportedAtOnce || bytes + more > ChatLimits.ImportedBytesAtOnce))
            {
                yield return some;
                (some, bytes) = ([], 0);
            }

            some.Add(turn);
            bytes += more;
        }

        if (some.Count > 0)
        {
            yield return some;
        }
    }

    private async Task<Reply> GetSide(AgentCall call, bool asked)
    {
        var (session, refused) = await call.Enter();
        return session is null ? refused! : Shown(await MoveOf(call, session).Send(new MoveCommand.Get(), call.Fresh()));
    }

    private async Task<Reply> PutSide(AgentCall call, SideRequest asked)
    {
        var (session, refused) = await call.Enter();
        return session is null ? refused! : Shown(await MoveOf(call, session).Send(new MoveCommand.Switch(asked.Side!), call.Context));
    }

    /// <summary>Nobody is let in by it: each side asks for its own credential. What is not known, is signed wrongly or belongs to two at once is the old side's.</summary>
    private async Task<Reply> WhereIs(KeyCall call, bool asked)
    {
        var cookie = call.Header(OldSession.Name).ToString();
        if (cookie.Length > CookieLength) return Reply.Refused(TooLong);

        var side = cookie.Length > 0 && await IsNew(call, cookie) ? MoveSides.New : MoveSides.Old;
        return Reply.Ok(new WhereData(side)) with { Headers = [(AnswerHeaders.Moved.Name, side)] };
    }

    /// <summary>A cookie that is signed has the id before its last dot (itsdangerous): the signature is the old side's to check, and lets nobody in here.</summary>
    private async Task<bool> IsNew(KeyCall call, string cookie)
    {
        var id = cookie.LastIndexOf('.') is > 0 and var dot ? cookie[..dot] : cookie;
        var rows = await tables.In(call.Tenant).First(MoveTables.Moves, [], [TableReader.Is("session", MoveIds.SessionOf(id))], 2, call.Cancel);
        return rows is [var one] && one.Text("side") == MoveSides.New;
    }

    private EntityRef<MoveCommand> MoveOf(AgentCall call, SessionView session) => entities.In(call.Tenant).Move(MoveIds.Of(SessionPaths.Agents(session), session.UserId));

    private static Reply Shown(Answer answer) => answer.Reply is MoveView view ? Reply.Ok(new SideData(view.Side, view.SwitchedAt, view.Sessions)) : Reply.Refused(answer.Rejection!);
}
