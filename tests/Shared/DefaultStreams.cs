namespace Agora.Core.Kernel;

/// <summary>Tests of what has nothing to do with tenants name streams of the default one.</summary>
internal static class DefaultStreams
{
    extension(StreamId)
    {
        public static StreamId User(string id) => Tenant.Default.User(id);

        public static StreamId Session(string id) => Tenant.Default.Session(id);

        public static StreamId Campaign(string id) => Tenant.Default.Campaign(id);

        public static StreamId Service(string id) => Tenant.Default.Service(id);

        public static StreamId Wallet(string id) => Tenant.Default.Wallet(id);

        public static StreamId Agent(string id) => Tenant.Default.Agent(id);

        public static StreamId Payment(string id) => Tenant.Default.Payment(id);
    }
}
