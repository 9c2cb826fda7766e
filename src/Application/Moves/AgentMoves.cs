using System.Globalization;
using System.Text;
using Agora.Application.Calls;
using Agora.Application.Chats;
using Agora.Application.Models;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Moves;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Application.Moves;

/// <summary>
/// Users of an older chat move in while both run: what was said there is imported, as often as there is more of it, and a user is on one side or the other. Nothing of it calls a model or costs anything.
/// <para>An import makes a row for every few turns. If it is cut off between two, the turns that are there are found again when the same is imported once more.</para>
/// </summary>
internal sealed class AgentMoves(IEntities entities, ChatBooks books, ImportWalk walk, ModelCatalogue models, TableReader tables)
{
    /// <summary>How often a chat is looked at again in which something is said while it is imported.</summary>
    private const int Looks = 5;

    /// <summary>Imports what was said in an older chat. Turns that are there already are not added again.</summary>
    public async Task<Result<ImportedChat>> Import(ModelCaller call, ImportRequest asked)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return Result.Refused<ImportedChat>(refused!);

        if (!asked.OnlyLooks && !models.Replies(call.Tenant, asked.Model!)) return Result.Refused<ImportedChat>(RunRejection.IsNoModel); // nobody could go on in the chat

        var who = SessionPaths.Agents(session);
        var chatId = Ids.FromKey(call.Tenant.Name, $"chat.import\n{who}\n{session.UserId}", asked.OriginId!); // so many sessions are so many chats, whatever they are said to come from
        for (var look = 1; ; look++)
        {
            var book = await books.Find(call, session, chatId);
            if (asked.After != 0 && book?.Turn(asked.After) is null) return Result.Refused<ImportedChat>(ChatRejection.NoTurn);
            if (look == 1 && !asked.OnlyLooks && await Know(call, session, asked.OriginId!) is { } tooMany)
            {
                return Result.Refused<ImportedChat>(tooMany);
            }

            var (known, same) = await walk.Known(call, session, book, asked);
            var differs = book is { NewestImported: > 0 and var newest } && !same.Contains(newest) && book.Branch(asked.After).All(turn => turn.Number != newest);
            var isToAdd = known.Count < asked.Turns.Count && (!differs || asked.Branches);
            var (added, rejection) = !isToAdd ? (0, null) : asked.OnlyLooks ? (asked.Turns.Count - known.Count, null) : await Add(call, who, chatId, session, book, asked, known);
            if (rejection?.Code == Codes.PreconditionFailed && look < Looks) continue;
            if (rejection is not null) return Result.Refused<ImportedChat>(rejection);
            if (asked is { OnlyLooks: false, HasMore: false } && known.Count + added == asked.Turns.Count)
            {
                await MoveOf(call, session).Send(new MoveCommand.Come(MoveIds.SessionOf(asked.OriginId!)), call.Fresh());
            }

            var before = book?.Turns.Count ?? 0;
            var isWritten = added > 0 && !asked.OnlyLooks;
            return Result.Of(new ImportedChat(chatId, known, added, differs, isWritten ? before + added : book?.NewestImported ?? 0, isWritten ? before + added : before));
        }
    }

    /// <summary>The first user that names an old session keeps it. Otherwise another that knows its id could hold its user at the old side.</summary>
    private async Task<Rejection?> Know(ModelCaller call, SessionView session, string id)
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
    private async Task<(int Added, Rejection? Rejection)> Add(ModelCaller call, string who, Guid chatId, SessionView session, ChatBook? book, ImportRequest asked, IReadOnlyList<int> known)
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

    /// <summary>The side that the user is on.</summary>
    public async Task<Result<MoveView>> Side(ModelCaller call)
    {
        var (session, refused) = await call.Enter();
        return session is null ? Result.Refused<MoveView>(refused!) : Of(await MoveOf(call, session).Send(new MoveCommand.Get(), call.Fresh()));
    }

    /// <summary>Switches the user to a side, with all known sessions of the older chat.</summary>
    public async Task<Result<MoveView>> Switch(ModelCaller call, SideRequest asked)
    {
        var (session, refused) = await call.Enter();
        return session is null ? Result.Refused<MoveView>(refused!) : Of(await MoveOf(call, session).Send(new MoveCommand.Switch(asked.Side!), call.Context));
    }

    /// <summary>A cookie that is signed has the id before its last dot (itsdangerous): the signature is the old side's to check, and lets nobody in here.</summary>
    public async Task<bool> IsNew(Tenant tenant, string cookie, CancellationToken cancel)
    {
        var id = cookie.LastIndexOf('.') is > 0 and var dot ? cookie[..dot] : cookie;
        var rows = await tables.In(tenant).First(MoveTables.Moves, [], [TableReader.Is("session", MoveIds.SessionOf(id))], 2, cancel);
        return rows is [var one] && one.Text("side") == MoveSides.New;
    }

    private EntityRef<MoveCommand> MoveOf(ModelCaller call, SessionView session) => entities.In(call.Tenant).Move(MoveIds.Of(SessionPaths.Agents(session), session.UserId));

    private static Result<MoveView> Of(Answer answer) => answer.Reply is MoveView view ? Result.Of(view) : Result.Refused<MoveView>(answer.Rejection!);
}

/// <param name="Known">Numbers of turns that were there already.</param>
/// <param name="Differs">The chat has turns that the older one has not.</param>
/// <param name="Newest">The newest turn that was imported. 0 if none was.</param>
/// <param name="Turns">Turns of the chat.</param>
internal sealed record ImportedChat(Guid ChatId, IReadOnlyList<int> Known, int Added, bool Differs, int Newest, int Turns);
