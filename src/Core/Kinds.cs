using Agora.Core.Kernel;

namespace Agora.Core;

/// <summary>Stored names of the kinds of entity, beside the <see cref="Manifest"/> that lists them: constants, which a folder of Core may name without knowing the feature.</summary>
public static class Kinds
{
    public const string User = "user";
    public const string Session = "session";
    public const string Campaign = "campaign";
    public const string Service = "service";
    public const string Wallet = "wallet";
    public const string Agent = "agent";

    /// <summary>A payment has a stream from its first refund on.</summary>
    public const string Payment = "payment";

    /// <summary>An address of an operator's that is told what happens.</summary>
    public const string Webhook = "webhook";

    /// <summary>What time it is in a tenant for tests, and which generation.</summary>
    public const string Clock = "clock";

    /// <summary>A server of tools that agents run as services.</summary>
    public const string Upstream = "upstream";

    /// <summary>What agents say to each other.</summary>
    public const string Conversation = "conversation";

    /// <summary>Who signs in at the console with a password.</summary>
    public const string Person = "person";

    /// <summary>A model's reply that is kept.</summary>
    public const string Response = "response";

    /// <summary>What a user says to models, turn by turn.</summary>
    public const string Chat = "chat";

    /// <summary>A file that a person gives to a model.</summary>
    public const string Attachment = "attachment";

    /// <summary>A model's reply, for requests that are equal.</summary>
    public const string Cached = "cached";

    /// <summary>A book of memories of a user.</summary>
    public const string Memory = "memory";

    /// <summary>A dialogue of models that people watch.</summary>
    public const string Watch = "watch";

    /// <summary>A situation that people practise with a model.</summary>
    public const string Scenario = "scenario";

    /// <summary>Where a user of an older chat is while it moves in.</summary>
    public const string Move = "move";

    /// <summary>The sign-outs of browsers under one name.</summary>
    public const string SignIn = "sign_in";
}

/// <summary>A tenant's streams, by kind.</summary>
public static class TenantStreams
{
    extension(Tenant tenant)
    {
        public StreamId User(string id) => new(tenant.Name, Kinds.User, id);

        public StreamId Session(string id) => new(tenant.Name, Kinds.Session, id);

        public StreamId Campaign(string id) => new(tenant.Name, Kinds.Campaign, id);

        public StreamId Service(string id) => new(tenant.Name, Kinds.Service, id);

        public StreamId Wallet(string id) => new(tenant.Name, Kinds.Wallet, id);

        public StreamId Agent(string id) => new(tenant.Name, Kinds.Agent, id);

        public StreamId Payment(string id) => new(tenant.Name, Kinds.Payment, id);

        public StreamId Webhook(string id) => new(tenant.Name, Kinds.Webhook, id);

        public StreamId Clock => new(tenant.Test.Name, Kinds.Clock, "clock");

        public StreamId Upstream(string id) => new(tenant.Name, Kinds.Upstream, id);

        public StreamId Conversation(string id) => new(tenant.Name, Kinds.Conversation, id);

        public StreamId Person(string id) => new(tenant.Name, Kinds.Person, id);

        public StreamId Response(string id) => new(tenant.Name, Kinds.Response, id);

        public StreamId Chat(string id) => new(tenant.Name, Kinds.Chat, id);

        public StreamId Attachment(string id) => new(tenant.Name, Kinds.Attachment, id);

        public StreamId Cached(string id) => new(tenant.Name, Kinds.Cached, id);

        public StreamId Memory(string id) => new(tenant.Name, Kinds.Memory, id);

        public StreamId Watch(string id) => new(tenant.Name, Kinds.Watch, id);

        public StreamId Scenario(string id) => new(tenant.Name, Kinds.Scenario, id);
        public StreamId Move(string id) => new(tenant.Name, Kinds.Move, id);

        public StreamId SignIn(string id) => new(tenant.Name, Kinds.SignIn, id);
    }
}
