using System.Globalization;
using System.Security.Cryptography;
using Agora.Cli.MovingIn.Formats;

namespace Agora.Cli.MovingIn.Old;

internal enum OldFormat
{
    MessagePack = 1,
    Json = 2,
    Pickle = 3,
}

/// <summary>What was said with what was replied, as Agora has it.</summary>
/// <param name="Text">Null: what was replied answers nothing.</param>
/// <param name="Reply">Null: nothing was, as yet or ever.</param>
internal sealed record OldTurn(string? Text, string? Reply, string? Instructions, DateTimeOffset? At);

/// <summary>A session of the older chat as it was read: whatever it has besides stays in it.</summary>
internal sealed class OldSession
{
    private const string User = "user_id", Messages = "messages", Role = "role", Content = "content", Timestamp = "timestamp";
    private const string RoleOfUser = "user", RoleOfAssistant = "assistant", RoleOfSystem = "system";
    private static readonly string[] Taken = [User, Messages, "session_id", "sid", "id", "_permanent"];

    private readonly OldMap _root;

    private OldSession(string id, OldFormat format, OldMap root, string userId) => (Id, Format, _root, UserId) = (id, format, root, userId);

    public string Id { get; }

    public OldFormat Format { get; }

    public string UserId { get; }

    /// <summary>Members that do not come with it: they stay where they are.</summary>
    public IEnumerable<string> NotTaken => _root.Entries.Select(static entry => entry.Key as string ?? "?").Except(Taken)
        .Concat(All.SelectMany(static message => message.Entries).Select(static entry => entry.Key as string ?? "?").Except([Role, Content, Timestamp]).Select(static name => $"messages[].{name}")).Distinct();

    private IEnumerable<OldMap> All => ((OldList)_root[Messages]!).Items.Cast<OldMap>();

    /// <exception cref="RefusedException">Why it stays where it is.</exception>
    public static OldSession Read(OldKept kept)
    {
        var bytes = kept.Bytes ?? throw new RefusedException($"It has more than {OldLimits.Bytes >> 20} MiB.");
        var format = FormatOf(bytes);
        var root = format switch { OldFormat.Pickle => OldPickle.Read(bytes), OldFormat.Json => OldJson.Read(bytes), _ => OldMessagePack.Read(bytes) };
        OldLimits.Check(root);
        var map = root as OldMap ?? throw new RefusedException("It is no dictionary.");
        var user = map[User] switch { string { Length: > 0 } text => text, long number => number.ToString(CultureInfo.InvariantCulture), _ => throw new RefusedException("It has no user_id.") };
        if (map[Messages] is not OldList { Items: var items }) throw new RefusedException("It has no messages.");
        if (items.Count == 0) throw new RefusedException("It has no messages.");

        foreach (var item in items)
        {
            if (item is not OldMap message) throw new RefusedException("A message is no dictionary.");
            if (message[Role] is not (RoleOfUser or RoleOfAssistant or RoleOfSystem))
            {
                throw new RefusedException("A message has a role that is not user, assistant or system.");
            }

            if (message[Content] is not string) throw new RefusedException("The content of a message is no text.");
        }

        return new(kept.Id, format, map, user);
    }

    /// <summary>Of one that is no longer there, as the old side would begin it.</summary>
    public static OldSession Begin(string id, OldFormat format, string userId)
    {
        var root = new OldMap();
        root.Set("_permanent", true);
        root.Set(User, userId);
        root.Set(Messages, new OldList([]));
        if (format == OldFormat.Json)
        {
            root.Set("session_id", id);
        }

        return new(id, format, root, userId);
    }

    public byte[] Write() => Format switch { OldFormat.Pickle => OldPickle.Write(_root), OldFormat.Json => OldJson.Write(_root), _ => OldMessagePack.Write(_root) };

    public static string DigestOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..32];

    /// <summary>In order. A message without a text says nothing.</summary>
    /// <param name="whole">With what was said last, though nothing was replied: while the old side runs a reply may come.</param>
    public IReadOnlyList<OldTurn> Turns(bool whole)
    {
        var (turns, instructions) = (new List<OldTurn>(), (string?)null);
        foreach (var message in All)
        {
            if (message[Content] is not string { Length: > 0 } content) continue;

            switch (message[Role])
            {
                case RoleOfSystem:
                    instructions = content;
                    break;
                case RoleOfUser:
                    turns.Add(new(content, null, instructions, TimeOf(message)));
                    break;
                case RoleOfAssistant when turns is [.., { Reply: null } last]:
                    turns[^1] = last with { Reply = content };
                    break;
                default:
                    turns.Add(new(null, content, instructions, TimeOf(message)));
                    break;
            }
        }

        return whole || turns is not [.., { Reply: null }] ? turns : turns[..^1];
    }

    /// <summary>As what was said last.</summary>
    public void Append(OldTurn turn)
    {
        if (turn.Instructions is { } instructions && instructions != All.LastOrDefault(static message => message[Role] is RoleOfSystem)?[Content] as string)
        {
            Append(RoleOfSystem, instructions, turn.At);
        }

        if (turn.Text is { Length: > 0 } text)
        {
            Append(RoleOfUser, text, turn.At);
        }

        if (turn.Reply is { Length: > 0 } reply)
        {
            Append(RoleOfAssistant, reply, turn.At);
        }
    }

    private void Append(string role, string content, DateTimeOffset? at)
    {
        var message = new OldMap();
        message.Set(Role, role);
        message.Set(Content, content);
        if (at is { } when && All.LastOrDefault(static known => known[Timestamp] is not null) is { } last)
        {
            message.Set(Timestamp, last[Timestamp] switch { long => when.ToUnixTimeSeconds(), double => when.ToUnixTimeMilliseconds() / 1000.0, _ => when.ToString("yyyy-MM-ddTHH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture) });
        }

        ((OldList)_root[Messages]!).Items.Add(message);
    }

    /// <summary>ISO 8601, by UTC where it names no zone, or seconds since 1970; null: it is neither.</summary>
    private static DateTimeOffset? TimeOf(OldMap message) => message[Timestamp] switch
    {
        string text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) => Within(at),
        long seconds and > 0 and < 4_102_444_800 => DateTimeOffset.FromUnixTimeSeconds(seconds),
        double seconds and > 0 and < 4_102_444_800 => DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000)),
        _ => null,
    };

    private static DateTimeOffset? Within(DateTimeOffset at) => at.Year is >= 1970 and <= 2099 ? at : null;

    /// <summary>A pickle of protocol 2 and later begins with it, and what begins so in MessagePack is an empty dictionary; those before end with a full stop and begin as nothing else does.</summary>
    private static OldFormat FormatOf(byte[] bytes) => bytes switch
    {
        [] => throw new RefusedException("It is empty, or no text."),
        [0x80, <= 5, .., (byte)'.'] => OldFormat.Pickle,
        [(byte)'{', ..] or [(byte)' ' or (byte)'\n', ..] => OldFormat.Json,
        [(byte)'(' or (byte)'}' or (byte)'c', .., (byte)'.'] => OldFormat.Pickle,
        [(>= 0x80 and <= 0x8f) or 0xde or 0xdf, ..] => OldFormat.MessagePack,
        _ => throw new RefusedException("It is no session of Flask-Session: neither MessagePack nor JSON nor a pickle."),
    };
}
