using System.Reflection;
using System.Text.Json;
using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Simulation.Cluster;

/// <summary>
/// What a border between processes does to an envelope: commands go through the codec of their union, answers through JSON, so
/// nothing that is not in the bytes gets across. A command without a codec is one that nobody outside may send: it fails here.
/// </summary>
public static class Border
{
    private static readonly Dictionary<Type, Func<object, object>> Codecs = [];

    static Border()
    {
        Add(UserCodec.Commands);
        Add(SessionCodec.Commands);
        Add(CampaignCodec.Commands);
        Add(ServiceCodec.Commands);
        Add(WalletCodec.Commands);
        Add(AgentCodec.Commands);
    }

    public static Envelope Recode(Envelope envelope) => envelope with { Body = Recode(envelope.Body) };

    private static object Recode(object body) => body switch
    {
        Answer answer => answer with { Reply = answer.Reply is { } reply ? Json(reply) : null, Rejection = (Rejection?)(answer.Rejection is { } no ? Json(no) : null) },
        OperatingFailure failure => failure,
        _ when Codecs.TryGetValue(body.GetType(), out var recode) => recode(body),
        _ => throw new InvalidOperationException($"{body.GetType()} has no codec: it cannot cross a border."),
    };

    private static object Json(object value)
    {
        var type = value.GetType();
        return type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Length == 0
            ? value // a word without content, such as Nothing: its type says it all
            : JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(value, type, StoredJson.Options), type, StoredJson.Options)!;
    }

    private static void Add<TUnion>(UnionCodec<TUnion> codec)
        where TUnion : class
    {
        foreach (var type in codec.Cases)
        {
            Codecs.Add(type, value =>
            {
                var coded = codec.Encode((TUnion)value);
                return codec.Decode(coded.Name, coded.Version, coded.Payload, coded.Personal);
            });
        }
    }
}
