using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Replay.Checking;

/// <summary>Rows of query tables as facts: which row it is by its key, and what it says, with the stream and seq that it follows from.</summary>
internal sealed class TableFacts
{
    private const char Nul = '\0';
    private const char Replacement = '\uFFFD'; // PostgreSQL keeps no NUL: both sides read it as this.

    private readonly Dictionary<string, int> _numbers = Manifest.Tables.Select((table, number) => (table.Name, number)).ToDictionary(StringComparer.Ordinal);
    private byte[] _buffer = new byte[4_096];
    private int _length;

    public Fact Follows(OwnedUpsert row, int stream) =>
        Of(FactKind.RowFollows, row.Upsert.Table, row.Upsert.Values, row.Stream, row.Seq, stream);

    public Fact Stands(TableShape table, TableRow row) => Of(FactKind.RowStands, table, row.Values, row.Stream, row.Seq, -1);

    public static string Said(TableShape table, TableRow row) => $"{table.Name} ({string.Join(", ", row.Values.Take(table.KeyColumns))})";

    public static Table Table(in Fact fact) => Manifest.Tables[(int)fact.Amount];

    private Fact Of(FactKind kind, TableShape table, IReadOnlyList<object?> values, string owner, long seq, int stream)
    {
        _length = 0;
        Put(table.Name);
        for (var i = 0; i < table.KeyColumns; i++) Put(values[i]);
        var about = Hash();
        for (var i = table.KeyColumns; i < values.Count; i++) Put(values[i]);
        Put(owner);
        Put(seq);
        return new(about, Hash(), seq, _numbers[table.Name], 0, stream, kind);
    }

    private UInt128 Hash()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_buffer.AsSpan(0, _length), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }

    /// <summary>Its type, its length, its bytes: no two lists of values are written alike.</summary>
    private void Put(object? value)
    {
        switch (value)
        {
            case null:
                Room(1)[0] = 0;
                break;
            case long number:
                var room = Room(1 + sizeof(long));
                room[0] = 1;
                BinaryPrimitives.WriteInt64LittleEndian(room[1..], number);
                break;
            case string text:
                text = text.Replace(Nul, Replacement);
                var bytes = Encoding.UTF8.GetByteCount(text);
                var place = Room(1 + sizeof(int) + bytes);
                place[0] = 2;
                BinaryPrimitives.WriteInt32LittleEndian(place[1..], bytes);
                Encoding.UTF8.GetBytes(text, place[(1 + sizeof(int))..]);
                break;
            default:
                throw new ArgumentException($"a table holds no {value.GetType().Name}");
        }
    }

    private Span<byte> Room(int bytes)
    {
        if (_length + bytes > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + bytes));
        }

        _length += bytes;
        return _buffer.AsSpan(_length - bytes, bytes);
    }
}
