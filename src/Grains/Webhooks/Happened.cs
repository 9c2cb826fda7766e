using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Journal;

namespace Agora.Grains.Webhooks;

/// <summary>An event of the journal as endpoints are told it.</summary>
/// <param name="Place">Which of the row's notices it is, of whatever type.</param>
public sealed record Happened(string Id, string Stream, Place Place, DateTimeOffset At, Notice Notice)
{
    private const int IdBytes = 18;

    /// <summary>
    /// What a row tells, in its order. An id follows from the row's hash, in which its stream and number are, and the place within: a crash gives the same again, and a row that stands in
    /// the place of one that a fail-over cut off another.
    /// </summary>
    public static List<Happened> In(JournalRow row) => In(row, RowCodec.Decode(row));

    /// <param name="entries">The decoded entries of the row.</param>
    public static List<Happened> In(JournalRow row, IReadOnlyList<JournalEntry> entries)
    {
        var (told, stream) = (new List<Happened>(), StreamId.Parse(row.Stream));
        foreach (var entry in entries)
        {
            foreach (var stored in entry.Events)
            {
                foreach (var notice in Notices.Of(stream, stored.Name, stored.Version, stored.Payload))
                {
                    told.Add(new(IdOf(row, told.Count), row.Stream, new(row.Seq, told.Count), Timestamps.FromMicros(entry.AtMicros), notice));
                }
            }
        }

        return told;
    }

    /// <summary>Nothing has happened: an operator wants to see whether the endpoint hears.</summary>
    public static Happened Test(PendingSend send, StreamId webhook) =>
        new(send.EventId, webhook.ToString(), default, send.AskedAt, new(NoticeTypes.Test, new() { ["webhook_id"] = webhook.Id, ["link"] = $"/admin/webhooks/{webhook.Id}" }));

    /// <summary>What is told of it.</summary>
    public JsonObject Data()
    {
        var data = Notice.Data.DeepClone().AsObject();
        data.Insert(0, "subject", WebhookTables.Subject(StreamId.Parse(Stream)));
        data.Insert(1, "sequence", Place.Seq);
        return data;
    }

    public byte[] Body() => System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["type"] = Notice.Type, ["timestamp"] = Notices.Time(At), ["data"] = Data() }.ToJsonString(StoredJson.Options));

    private static string IdOf(JournalRow row, int index)
    {
        Span<byte> hashed = stackalloc byte[RowCodec.HashBytes + 4];
        row.Hash.Span.CopyTo(hashed);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(hashed[RowCodec.HashBytes..], index);
        return $"evt_{Base64Url.EncodeToString(SHA256.HashData(hashed).AsSpan(0, IdBytes))}";
    }
}
