using System.Text;

namespace Agora.Fuzz.Grammar;

/// <summary>One small wrong at a time, of what a body says (on its tree) or of how it is written (on its bytes).</summary>
internal static class Mutations
{
    /// <summary>Changes the tree in place where it can; what is returned takes its place.</summary>
    public static Json Of(Json body, Random random)
    {
        var (members, items) = Places(body);
        if (random.Next(12) == 0 || (members.Count == 0 && items.Count == 0)) return Value(random);

        if (items.Count > 0 && random.Next(3) == 0)
        {
            var list = items[random.Next(items.Count)];
            if (list.Count > 0 && random.Next(2) == 0)
            {
                list[random.Next(list.Count)] = Value(random);
            }
            else
            {
                list.AddRange(Enumerable.Repeat(list.Count > 0 ? list[0] : Value(random), random.Next(4) == 0 ? 150 : 1));
            }

            return body;
        }

        if (members.Count > 0)
        {
            OfMember(members[random.Next(members.Count)], random);
        }

        return body;
    }

    public static byte[] Of(byte[] body, Random random)
    {
        var at = body.Length == 0 ? 0 : random.Next(body.Length);
        return random.Next(10) switch
        {
            0 => body[..at],
            1 => [.. body[..at], (byte)random.Next(256), .. body[at..]],
            2 => [.. body[..at], (byte)random.Next(256), .. body[Math.Min(at + 1, body.Length)..]],
            3 => [.. body, .. body],
            4 => [0xEF, 0xBB, 0xBF, .. body],
            5 => Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(body)),
            6 => [.. body[..at], 0xC0, 0xAF, .. body[at..]],
            7 => [.. body[..at], 0xED, 0xA0, 0x80, .. body[at..]],
            8 => [.. body, .. new byte[random.Next(4) == 0 ? 300_000 : 3]],
            _ => [.. "/*a*/"u8, .. body],
        };
    }

    private static void OfMember(List<(string Name, Json Value)> members, Random random)
    {
        if (members.Count == 0)
        {
            members.Add((Json.Quoted("unknown"), Value(random)));
            return;
        }

        var at = random.Next(members.Count);
        var (name, value) = members[at];
        switch (random.Next(8))
        {
            case 0:
                members.RemoveAt(at);
                break;
            case 1:
                members.Add((name, value));
                break;
            case 2:
                members.Add((Json.Quoted(random.Next(2) == 0 ? "unknown" : name.Trim('"').ToUpperInvariant()), value));
                break;
            case 3:
                members[at] = (random.Next(2) == 0 ? "\"\\ud800\"" : "\"\"", value);
                break;
            case 4:
                members[at] = (name, new Json.Items([value]));
                break;
            default:
                members[at] = (name, Value(random));
                break;
        }
    }

    private static Json Value(Random random) => new Json.Raw(Odd.Values[random.Next(Odd.Values.Length)]);

    private static (List<List<(string Name, Json Value)>> Members, List<List<Json>> Items) Places(Json body)
    {
        var (members, items) = (new List<List<(string, Json)>>(), new List<List<Json>>());
        var open = new Stack<Json>([body]);
        while (open.TryPop(out var next))
        {
            if (next is Json.Members group)
            {
                members.Add(group.Of);
                group.Of.ForEach(m => open.Push(m.Value));
            }
            else if (next is Json.Items list)
            {
                items.Add(list.Of);
                list.Of.ForEach(open.Push);
            }
        }

        return (members, items);
    }
}
