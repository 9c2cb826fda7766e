using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Agora.Core.Kernel;

/// <summary>An encoded case of a union: stored name and version, and bytes; the personal part stands apart.</summary>
public readonly record struct EncodedCase(string Name, int Version, byte[] Payload, Personal? Personal);

/// <summary>A codec of whatever union.</summary>
public interface IUnionCodec
{
    /// <summary>Cases by stored name, in order of registration: tests drive each of them through.</summary>
    IEnumerable<(string Name, int Version)> Names { get; }

    IEnumerable<Type> Cases { get; }

    EncodedCase Encode(object value);

    object Decode(string name, int version, ReadOnlyMemory<byte> payload, Personal? personal);
}

/// <summary>
/// Stored names ↔ records of one closed union. Names and versions are constants for ever: a new shape of a case is a new
/// version beside the old one, and every version ever written decodes.
/// </summary>
public sealed class UnionCodec<TUnion> : IUnionCodec
    where TUnion : class
{
    private readonly Dictionary<Type, Func<TUnion, EncodedCase>> _encoders = [];
    private readonly Dictionary<(string Name, int Version), Func<ReadOnlyMemory<byte>, Personal?, TUnion>> _decoders = [];

    public IEnumerable<(string Name, int Version)> Names => _decoders.Keys;

    public IEnumerable<Type> Cases => _encoders.Keys;

    EncodedCase IUnionCodec.Encode(object value) => Encode((TUnion)value);

    object IUnionCodec.Decode(string name, int version, ReadOnlyMemory<byte> payload, Personal? personal) => Decode(name, version, payload, personal);

    /// <param name="hot">Of a case that every run writes: how the compiler's generator writes it, to the same bytes in half the time.</param>
    public UnionCodec<TUnion> Case<T>(
        string name, int version = 1, Func<T, Personal?>? personal = null, Func<T, Personal?, T>? with = null, JsonTypeInfo<T>? hot = null)
        where T : class, TUnion
    {
        var type = new StoredType<T>();
        var write = hot?.SerializeHandler;
        _encoders.Add(typeof(T), value =>
        {
            var typed = (T)value;
            var payload = write is null ? JsonSerializer.SerializeToUtf8Bytes(typed, type.Info) : StoredJson.Write(typed, write);
            return new(name, version, payload, personal?.Invoke(typed));
        });
        _decoders.Add((name, version), (payload, opened) =>
        {
            var value = JsonSerializer.Deserialize(payload.Span, type.Info) ?? throw new UndecodableException(name, version);
            return with is null ? value : with(value, opened);
        });
        return this;
    }

    /// <summary>A case that was given before, under a version of its own where <paramref name="demands"/>: a release that knows only the first would carry it out as if that had not been said, and refuses it so.</summary>
    public UnionCodec<TUnion> Demanding<T>(string name, int version, Func<T, bool> demands)
        where T : class, TUnion
    {
        var encode = _encoders[typeof(T)];
        _encoders[typeof(T)] = value => demands((T)value) ? encode(value) with { Version = version } : encode(value);
        _decoders.Add((name, version), _decoders[(name, 1)]);
        return this;
    }

    /// <summary>A case that is stored in the shape of another record.</summary>
    /// <param name="hot">As of the other cases.</param>
    public UnionCodec<TUnion> Case<T, TStored>(string name, Func<T, TStored> store, Func<TStored, T> restore, JsonTypeInfo<TStored>? hot = null)
        where T : class, TUnion
        where TStored : class
    {
        var type = new StoredType<TStored>();
        var write = hot?.SerializeHandler;
        _encoders.Add(typeof(T), value =>
        {
            var stored = store((T)value);
            return new(name, 1, write is null ? JsonSerializer.SerializeToUtf8Bytes(stored, type.Info) : StoredJson.Write(stored, write), null);
        });
        _decoders.Add((name, 1), (payload, _) => restore(JsonSerializer.Deserialize(payload.Span, type.Info) ?? throw new UndecodableException(name, 1)));
        return this;
    }

    /// <summary>A case that carries a case of another union: it is stored as that one is, under its name.</summary>
    public UnionCodec<TUnion> Carrying<T, TCarried>(UnionCodec<TCarried> carried, Func<T, TCarried> of, Func<TCarried, T> with)
        where T : class, TUnion
        where TCarried : class
    {
        _encoders.Add(typeof(T), value => carried.Encode(of((T)value)));
        foreach (var (name, version) in carried.Names)
        {
            _decoders.Add((name, version), (payload, personal) => with(carried.Decode(name, version, payload, personal)));
        }

        return this;
    }

    /// <summary>All cases of a union that is part of this one, under their own names.</summary>
    public UnionCodec<TUnion> Including<TPart>(UnionCodec<TPart> part)
        where TPart : class, TUnion
    {
        foreach (var (type, encode) in part._encoders)
        {
            _encoders.Add(type, value => encode((TPart)value));
        }

        foreach (var (name, decode) in part._decoders)
        {
            _decoders.Add(name, decode);
        }

        return this;
    }

    /// <summary>An older version of a case, read as today's.</summary>
    public UnionCodec<TUnion> Formerly<TOld>(string name, int version, Func<TOld, TUnion> upgrade)
        where TOld : class
    {
        var type = new StoredType<TOld>();
        _decoders.Add((name, version), (payload, _) => upgrade(JsonSerializer.Deserialize(payload.Span, type.Info) ?? throw new UndecodableException(name, version)));
        return this;
    }

    public bool Knows(Type type) => _encoders.ContainsKey(type);

    public EncodedCase Encode(TUnion value) =>
        _encoders.TryGetValue(value.GetType(), out var encode) ? encode(value) : throw new UndecodableException(value.GetType().Name, 0);

    public TUnion Decode(string name, int version, ReadOnlyMemory<byte> payload, Personal? personal) =>
        _decoders.TryGetValue((name, version), out var decode) ? decode(payload, personal) : throw new UndecodableException(name, version);
}

/// <summary>
/// How <typeparamref name="T"/> is written and read. Looked at when the first value comes: a process that starts knows hundreds of types, and to look at all of them is a tenth of its start.
/// </summary>
internal sealed class StoredType<T>
{
    public JsonTypeInfo<T> Info => field ??= (JsonTypeInfo<T>)StoredJson.Options.GetTypeInfo(typeof(T));
}

/// <summary>A stored case that this release does not know: a programmer's error (a release reads a new version before any writes it).</summary>
public sealed class UndecodableException(string name, int version) : Exception($"No codec for '{name}' version {version}.");
