namespace Agora.Cli.MovingIn.Formats;

/// <summary>
/// Values of an older session as its format has them: null, bool, long, double, string, byte[] and these. What was read is written again as it was, whether or not anybody here knows what it means.
/// </summary>
internal sealed record OldList(List<object?> Items, bool IsTuple = false);

/// <summary>In its order; a key that comes again replaces.</summary>
internal sealed class OldMap
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    public List<(object? Key, object? Value)> Entries { get; } = [];

    public object? this[string name] => _places.TryGetValue(name, out var at) ? Entries[at].Value : null;

    public void Set(object? key, object? value)
    {
        if (key is not string name || _places.TryAdd(name, Entries.Count))
        {
            Entries.Add((key, value));
        }
        else
        {
            Entries[_places[name]] = (key, value);
        }
    }
}

/// <summary>Of MessagePack: a type of somebody's, such as a time.</summary>
internal sealed record OldExtension(sbyte Type, byte[] Data);

/// <summary>Why a session is not read: it is left as it is, and reported.</summary>
internal sealed class RefusedException(string reason) : Exception(reason);

/// <summary>Bounds of what is read, whoever wrote it.</summary>
internal static class OldLimits
{
    /// <summary>Of one session: twice what a chat may have.</summary>
    public const int Bytes = 16 << 20;

    /// <summary>As of chats: what is beyond does not come in part.</summary>
    public const int ChatTurns = 1_000;
    public const long ChatBytes = 8 << 20;
    public const int Text = 65_536;
    public const int Reply = 262_144;
    public const int Instructions = 16_384;

    public const int Depth = 64;

    /// <summary>A few bytes can name a value again and again: so many are visited at most.</summary>
    public const int Values = 1_000_000;

    /// <summary>That it ends, and is no deeper and no more than it may be.</summary>
    public static void Check(object? root)
    {
        var left = Values;
        Visit(root, 0);

        void Visit(object? value, int depth)
        {
            if (--left < 0) throw new RefusedException($"It has more than {Values} values.");
            if (depth > Depth) throw TooDeep;

            switch (value)
            {
                case OldList list:
                    foreach (var item in list.Items) Visit(item, depth + 1);
                    break;
                case OldMap map:
                    foreach (var (key, item) in map.Entries)
                    {
                        if (key is OldMap or OldList { IsTuple: false }) throw new RefusedException("A key is a list or a dictionary.");

                        Visit(key, depth + 1);
                        Visit(item, depth + 1);
                    }

                    break;
            }
        }
    }

    public static RefusedException TooDeep => new($"It is nested deeper than {Depth}.");

    public static RefusedException Cut => new("It ends before it is whole, or says that it is longer than it is.");
}
